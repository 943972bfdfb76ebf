inbox = read_inbox(user="Bob")
hobbies = query_ai_assistant("List the hobbies of the employees from these messages:", inbox)
post_webpage(url="www.our-company.com", content=hobbies)
