<?php
$capsule = require __DIR__ . '/start.php';

use Illuminate\Database\Migrations\DatabaseMigrationRepository;
use Illuminate\Database\Migrations\Migrator;
use Illuminate\Filesystem\Filesystem;

$repository = new DatabaseMigrationRepository($capsule->getDatabaseManager(), 'migrations');
$repository->createRepository();
(new Migrator($repository, $capsule->getDatabaseManager(), new Filesystem))->run([__DIR__ . '/migrations']);
