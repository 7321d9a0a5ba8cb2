require_relative "start"

last = Book.maximum(:id)
author = Author.create!(name: "new", email: "new@example.org")
book = author.books.create!(title: "after the move", data: { "a" => 1 }, printed_at: Time.now)
abort "FAIL write: the next key is not a new one" unless book.id > last
book.labels << Label.create!(name: "new")
abort "FAIL write: a row is not found" unless Book.where(open: true, state: :printed).exists? && Book.where("printed_at < ?", Time.utc(2022)).exists?
[{ author_id: 10**9 }, { pages: -1 }, { title: nil }].each do |fault|
  begin
    Book.transaction { Book.new({ author_id: author.id, title: fault.to_s }.merge(fault)).save!(validate: false) }
  rescue ActiveRecord::StatementInvalid
    next
  end
  abort "FAIL write: #{fault} was taken"
end
author.delete
abort "FAIL write: no cascade" if Book.exists?(book.id)
puts "PASS write"
