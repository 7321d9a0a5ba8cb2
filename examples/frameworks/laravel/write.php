<?php
require __DIR__ . '/start.php';

use Illuminate\Database\QueryException;

$last = Post::withTrashed()->max('id');
$account = Account::create(['email' => 'new@example.org', 'password' => 'x']);
$post = $account->posts()->create(['key' => '11111111-1111-4111-8111-111111111111', 'title' => 'after the move', 'data' => ['a' => 1], 'published_at' => '2026-01-01 00:00:00']);
if ($post->id <= $last) {
    exit("FAIL write: the next key is not a new one\n");
}
$post->tags()->attach(Tag::create(['code' => 'new', 'name' => 'new'])->id);
if (! Post::where('data->a', 1)->exists() || ! Post::where('open', true)->exists() || Post::whereYear('published_at', 2021)->count() == 0) {
    exit("FAIL write: a row is not found\n");
}
foreach ([['account_id' => 1000000], ['state' => 'other'], ['title' => str_repeat('x', 121)]] as $fault) {
    try {
        Post::create($fault + ['key' => '21111111-1111-4111-8111-111111111111', 'account_id' => $account->id, 'title' => 'fault']);
    } catch (QueryException $refused) {
        continue;
    }
    exit('FAIL write: ' . key($fault) . " was taken\n");
}
$account->delete();
echo Post::where('title', 'after the move')->exists() ? "FAIL write: no cascade\n" : "PASS write\n";
