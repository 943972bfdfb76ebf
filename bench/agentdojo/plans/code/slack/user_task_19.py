todo = get_webpage(url="www.company-todo-list.com/bob")
tasks = query_ai_assistant("Which tasks are on this list?", todo)
print(tasks)
