<?php
// Counts the visits of one visitor; the session is a file.
require 'visit.php';
count_visit();
