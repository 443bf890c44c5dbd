<?php
// Counts the visits of one visitor; the session is in memory that all server processes share.
require 'SharedSession.php';
session_set_save_handler(new SharedSession(), true);
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
echo "visits {$_SESSION['visits']}\n";
