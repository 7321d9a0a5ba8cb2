require_relative "start"

dice = Random.new(7)
words = ["plain", "Ünïcode", "数据", "it's \"quoted\"", "back\\slash", "50% off", "🚀 emoji", "NULL", "  spaces  ", "line\nbreak"]
seldom = ->(i, value) { i % 7 == 3 ? nil : value }
authors = []
8.times { |i| authors << Author.create!(name: words[i], email: "u#{i}@example.org", mentor: authors.first) }
labels = words.map { |word| Label.create!(name: word) }
start = Time.utc(2019, 12, 31, 23, 59, 59)
300.times do |i|
  book = Book.create!(
    author: authors[i % 8], title: "#{words[i % 10]} #{i}", body: seldom.(i, words[(i * 3) % 10] * (i % 5)), state: i % 3,
    open: i.even?, good: seldom.(i, i % 4 == 0), price: BigDecimal(dice.rand(10_000_000)) / 100, exact: BigDecimal(i * 10 + 5) / 1000,
    weight: seldom.(i, dice.rand * 1e6), pages: dice.rand(2**31), big: dice.rand(2**62), day: seldom.(i, Date.new(1900, 1, 1) + dice.rand(60_000)),
    hour: seldom.(i, Time.utc(2000, 1, 1, i % 24, i % 60, i % 60)), printed_at: seldom.(i, start + dice.rand(10**8)),
    seen_at: seldom.(i, start + dice.rand(10**8) + Rational(dice.rand(10**6), 10**6)),
    data: [{ "b" => 1, "a" => [nil, true, 1.5, words[i % 10]] }, [], "text", nil][i % 4], raw: seldom.(i, (0...(i % 256)).to_a.pack("C*"))
  )
  book.labels << labels[i % 10] << labels[(i + 3) % 10]
end
Book.last.destroy
