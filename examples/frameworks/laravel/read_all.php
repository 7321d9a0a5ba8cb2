<?php
// Prints every row of every model as the models read it, one field a line.
$capsule = require __DIR__ . '/start.php';

function sorted($value)
{
    if (is_array($value)) {
        if (array_keys($value) !== range(0, count($value) - 1)) {
            ksort($value);
        }
        return array_map('sorted', $value);
    }
    return $value;
}

foreach ([Account::class, Tag::class, Post::class] as $model) {
    $query = in_array(Illuminate\Database\Eloquent\SoftDeletes::class, class_uses($model)) ? $model::withTrashed() : $model::query();
    foreach ($query->orderBy('id')->get() as $row) {
        foreach (array_keys($row->getAttributes()) as $name) {
            $value = $row->$name;
            $value = is_resource($value) ? stream_get_contents($value) : $value;
            $value = $name === 'more' && $value !== null ? json_decode($value, true) : $value;
            $value = $name === 'seen_at' && $value !== null ? Carbon\Carbon::parse($value, 'UTC')->setTimezone('UTC')->format('c') : $value;
            $value = $name === 'device' || $name === 'address' ? ($value === null ? null : strtolower($value)) : $value;
            // PDO gives SQLite's reals and PostgreSQL's as what they are; whole ones differ in type only.
            $value = in_array($name, ['weight', 'score', 'since'], true) && $value !== null ? (float) $value : $value;
            echo "$model {$row->id} $name ", json_encode($value instanceof DateTimeInterface ? $value->format('c') : sorted($value), JSON_UNESCAPED_UNICODE), "\n";
        }
    }
}
foreach ($capsule->table('post_tag')->orderBy('post_id')->orderBy('tag_id')->get() as $row) {
    echo "post_tag {$row->post_id} {$row->tag_id}\n";
}
