class CreateLibrary < ActiveRecord::Migration[6.1]
  def change
    create_table :authors do |t|
      t.string :name, null: false, limit: 80
      t.string :email, index: { unique: true }
      t.references :mentor, foreign_key: { to_table: :authors }
      t.timestamps
    end
    create_table :labels do |t|
      t.string :name, null: false
    end
    create_table :books do |t|
      t.references :author, null: false, foreign_key: { on_delete: :cascade }
      t.string :title, null: false
      t.text :body
      t.integer :state, null: false, default: 0, limit: 2
      t.boolean :open, null: false, default: true
      t.boolean :good
      t.decimal :price, precision: 10, scale: 2, default: 0
      t.decimal :exact
      t.float :weight
      t.integer :pages, default: 0
      t.bigint :big, default: 0
      t.date :day
      t.time :hour
      t.datetime :printed_at
      t.datetime :seen_at, precision: 6
      t.json :data
      t.binary :raw
      t.timestamps
      t.index [:author_id, :title], unique: true
      t.check_constraint "pages >= 0", name: "pages_not_negative"
    end
    create_join_table :books, :labels do |t|
      t.index [:book_id, :label_id], unique: true
    end
    add_index :books, :title, where: "open", name: "open_titles"
  end
end
