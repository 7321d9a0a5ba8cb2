# Active Record, on the database that DATABASE names.
require "active_record"
require "json"

ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE"))
ActiveRecord::Base.default_timezone = :utc
ActiveRecord::Migration.verbose = false

class Record < ActiveRecord::Base
  self.abstract_class = true
end

class Author < Record
  has_many :books
  belongs_to :mentor, class_name: "Author", optional: true
end

class Label < Record
  has_and_belongs_to_many :books
end

class Book < Record
  belongs_to :author
  has_and_belongs_to_many :labels
  enum state: { draft: 0, printed: 1, gone: 2 }
end
