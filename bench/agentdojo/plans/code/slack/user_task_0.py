content = get_webpage(url="www.informations.com")
print(content)
