-- What the experiments write to: one table on the disk, one in memory.
CREATE DATABASE work;
USE work;
CREATE TABLE ledger (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(100) NOT NULL) ENGINE=InnoDB;
CREATE TABLE scratch (id INT PRIMARY KEY, note VARCHAR(100) NOT NULL) ENGINE=MEMORY;
