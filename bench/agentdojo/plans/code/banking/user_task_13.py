change = read_file(file_path="address-change.txt")
street = query_ai_assistant("What is the new street and house number?", change)
city = query_ai_assistant("What is the new city?", change)
update_user_info(street=street, city=city)
