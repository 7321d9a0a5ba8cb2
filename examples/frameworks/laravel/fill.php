<?php
require __DIR__ . '/start.php';

mt_srand(7);
$words = ['plain', 'Ünïcode', '数据', "it's \"quoted\"", 'back\\slash', '50% off', '🚀 emoji', 'NULL', '  spaces  ', "line\nbreak"];
$seldom = fn ($i, $value) => $i % 7 == 3 ? null : $value;
$accounts = [];
for ($i = 0; $i < 8; $i++) {
    $accounts[] = Account::create(['email' => "u$i@example.org", 'password' => str_repeat(chr(97 + $i), 60), 'verified_at' => $seldom($i, "2024-02-0" . ($i + 1) . " 10:00:00"), 'parent_id' => $i ? $accounts[0]->id : null]);
}
$tags = [];
foreach ($words as $i => $word) {
    $tags[] = Tag::create(['code' => sprintf('t%02d', $i), 'name' => $word]);
}
for ($i = 0; $i < 300; $i++) {
    $at = gmdate('Y-m-d H:i:s', 1577836800 + mt_rand(0, 100000000));
    $post = Post::create([
        'key' => sprintf('%08x-%04x-4%03x-8%03x-%012x', mt_rand(), mt_rand(0, 65535), mt_rand(0, 4095), mt_rand(0, 4095), mt_rand()),
        'account_id' => $accounts[$i % 8]->id,
        'title' => $words[$i % 10] . " $i",
        'body' => $seldom($i, str_repeat($words[($i * 3) % 10], $i % 5)),
        'state' => ['draft', 'published', 'archived'][$i % 3],
        'open' => $i % 2 == 0,
        'good' => $seldom($i, $i % 4 == 0),
        'price' => mt_rand(0, 10000000) / 100,
        'weight' => $seldom($i, mt_rand() / 7),
        'score' => $seldom($i, ($i - 150) / 4),
        'tiny' => $i % 200 - 100,
        'small' => mt_rand(-32768, 32767),
        'count' => mt_rand(0, 2147483647),
        'big' => mt_rand() * mt_rand() - 1,
        'day' => $seldom($i, gmdate('Y-m-d', -2000000000 + $i * 10000000)),
        'hour' => $seldom($i, sprintf('%02d:%02d:%02d', $i % 24, $i % 60, $i % 60)),
        'published_at' => $seldom($i, $at),
        'seen_at' => $seldom($i, $at),
        'since' => 1970 + $i % 60,
        'data' => [['b' => 1, 'a' => [null, true, 1.5, $words[$i % 10]]], [], ['text'], null][$i % 4],
        'more' => $seldom($i, json_encode(['zz' => $i, 'a' => $words[$i % 10]])),
        'raw' => $seldom($i, random_bytes_of($i % 200)),
        'address' => $seldom($i, ['192.168.0.1', '2001:db8::1'][$i % 2]),
        'device' => $seldom($i, sprintf('08:00:2b:01:02:%02x', $i % 256)),
    ]);
    $post->tags()->attach([$tags[$i % 10]->id, $tags[($i + 3) % 10]->id]);
    if ($i % 11 == 0) {
        $post->delete();
    }
}

function random_bytes_of($length)
{
    $bytes = '';
    for ($i = 0; $i < $length; $i++) {
        $bytes .= chr(128 + mt_rand(0, 63) % 64 - 64 + ($i % 64));
    }
    return preg_replace('/[^\x20-\x7e]/', '.', $bytes);
}
