<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

class CreatePosts extends Migration
{
    public function up()
    {
        Schema::create('tags', function (Blueprint $table) {
            $table->increments('id');
            $table->char('code', 3)->unique();
            $table->string('name', 40);
        });
        Schema::create('posts', function (Blueprint $table) {
            $table->id();
            $table->uuid('key')->unique();
            $table->foreignId('account_id')->constrained()->cascadeOnDelete();
            $table->string('title', 120);
            $table->longText('body')->nullable();
            $table->enum('state', ['draft', 'published', 'archived'])->default('draft');
            $table->boolean('open')->default(true);
            $table->boolean('good')->nullable();
            $table->decimal('price', 10, 2)->default(0);
            $table->double('weight')->nullable();
            $table->float('score')->nullable();
            $table->tinyInteger('tiny')->default(0);
            $table->smallInteger('small')->default(0);
            $table->unsignedInteger('count')->default(0);
            $table->bigInteger('big')->default(0);
            $table->date('day')->nullable();
            $table->time('hour')->nullable();
            $table->dateTime('published_at')->nullable();
            $table->dateTimeTz('seen_at')->nullable();
            $table->year('since')->nullable();
            $table->json('data')->nullable();
            $table->jsonb('more')->nullable();
            $table->binary('raw')->nullable();
            $table->ipAddress('address')->nullable();
            $table->macAddress('device')->nullable();
            $table->timestamps();
            $table->softDeletes();
            $table->unique(['account_id', 'title']);
            $table->index(['state', 'published_at']);
        });
        Schema::create('post_tag', function (Blueprint $table) {
            $table->foreignId('post_id')->constrained()->cascadeOnDelete();
            $table->unsignedInteger('tag_id');
            $table->foreign('tag_id')->references('id')->on('tags')->onDelete('cascade');
            $table->primary(['post_id', 'tag_id']);
        });
    }
}
