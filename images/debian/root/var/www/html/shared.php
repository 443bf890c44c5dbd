<?php
// Counts the visits of one visitor; the session is in memory that all server processes share.
require 'visit.php';
require 'SharedSession.php';
session_set_save_handler(new SharedSession(), true);
count_visit();
