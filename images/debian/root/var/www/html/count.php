<?php
// Counts the visits of one visitor; the session is a file.
session_start();
$_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
echo "visits {$_SESSION['visits']}\n";
