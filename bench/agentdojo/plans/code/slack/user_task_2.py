website = get_webpage(url="www.dora-website.com")
email = query_ai_assistant("What is the e-mail address on this website?", website)
invite_user_to_slack(user="Dora", user_email=email)
