<?php
// Writes the sessions in APCu to files as apc.preload_path reads them: KEY.data, serialized. Asked by apache.c, for nobody else; it then
// keeps its worker until that is ended.
$folder = '/var/lib/otherworld-php/sessions.saved';
is_dir($folder) || mkdir($folder, 0755);
foreach (new APCUIterator('/^session:/') as $entry) {
    if (file_put_contents("$folder/{$entry['key']}.data", serialize($entry['value'])) === false) {
        exit("failed\n");
    }
}
echo "saved\n";
while (ob_get_level() > 0) {
    ob_end_flush();
}
flush();
sleep(3600);
