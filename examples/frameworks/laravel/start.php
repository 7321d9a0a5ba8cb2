<?php
// Laravel's database component, on the database that DATABASE names.
require '/usr/share/php/Illuminate/autoload.php';

use Illuminate\Container\Container;
use Illuminate\Database\Capsule\Manager;
use Illuminate\Events\Dispatcher;
use Illuminate\Support\Facades\Facade;

$database = getenv('DATABASE');
$container = new Container;
Container::setInstance($container);
$capsule = new Manager($container);
if (str_starts_with($database, 'sqlite:')) {
    $capsule->addConnection(['driver' => 'sqlite', 'database' => substr($database, 7), 'foreign_key_constraints' => true]);
} else {
    $url = parse_url($database);
    $capsule->addConnection(['driver' => 'pgsql', 'host' => $url['host'], 'port' => $url['port'], 'database' => substr($url['path'], 1), 'username' => $url['user'], 'charset' => 'utf8']);
}
$capsule->setEventDispatcher(new Dispatcher($container));
$capsule->setAsGlobal();
$capsule->bootEloquent();
$container->instance('db', $capsule->getDatabaseManager());
$container->bind('db.schema', fn () => $capsule->schema());
Facade::setFacadeApplication($container);
date_default_timezone_set('UTC');

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\SoftDeletes;

class Account extends Model { protected $guarded = []; public function posts() { return $this->hasMany(Post::class); } }
class Tag extends Model { protected $guarded = []; public $timestamps = false; }
class Post extends Model {
    use SoftDeletes;
    protected $guarded = [];
    protected $casts = ['open' => 'boolean', 'good' => 'boolean', 'data' => 'array', 'published_at' => 'datetime', 'price' => 'decimal:2', 'day' => 'date'];
    public function tags() { return $this->belongsToMany(Tag::class); }
}

return $capsule;
