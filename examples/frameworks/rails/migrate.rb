require_relative "start"

ActiveRecord::MigrationContext.new(File.join(__dir__, "migrate"), ActiveRecord::SchemaMigration).migrate
ActiveRecord::InternalMetadata.create_table
ActiveRecord::InternalMetadata[:environment] = "production"
