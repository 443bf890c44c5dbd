<?php
// What both pages do: count a visit in the session, and tell its number only when the session is saved. PHP itself goes on with a
// warning when it can neither read nor write a session; whoever keeps something in one has to look.
function count_visit(): void
{
    set_error_handler(static function (int $severity, string $message): never {
        throw new ErrorException($message, severity: $severity);
    });
    try {
        session_start();
        $visits = $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
        session_write_close();
        echo "visits $visits\n";
    } catch (ErrorException $e) {
        // What stands in the session as it is read last is not to be written at the end of the page.
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_abort();
        }
        http_response_code(503);
        echo "no visit was counted: {$e->getMessage()}\n";
    }
}
