-- What the experiments write to: one table on the disk, one in memory.
CREATE DATABASE work;
USE work;
CREATE TABLE ledger (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(100) NOT NULL) ENGINE=InnoDB;
CREATE TABLE scratch (id INT PRIMARY KEY, note VARCHAR(100) NOT NULL) ENGINE=MEMORY;
-- Who writes from the network: nothing but these tables can be reached by this name.
FLUSH PRIVILEGES;
CREATE USER observer@'%';
GRANT ALL ON work.* TO observer@'%';
