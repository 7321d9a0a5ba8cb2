# Prints every row of every model as the models read it, one field a line.
require_relative "start"

[Author, Label, Book].each do |model|
  model.order(:id).each do |row|
    row.attributes.each do |name, value|
      value = value.utc.strftime("%F %T.%6N") if value.respond_to?(:utc)
      value = value.to_s("F") if value.is_a?(BigDecimal)
      puts "#{model} #{row.id} #{name} #{value.inspect}"
    end
  end
end
ActiveRecord::Base.connection.select_rows("select book_id, label_id from books_labels order by 1, 2").each { |row| puts "books_labels #{row.join(' ')}" }
