/**
 * Words that made-up values are put together from.
 * Data only; none of it is from a data set.
 */

function list(text: string): readonly string[] {
  return text.split("|");
}

/** First and last names of people. */
export const firstNames = list(
  "Anna|Ben|Carla|David|Elena|Farid|Grace|Hiro|Ines|Jonas|Kavya|Liam|Maria|Noah|Olga|Pedro|Qing|Rosa|Samir|Tara|Umar|Vera|Wei|Ximena|Yusuf|Zoe|Alice|Bob|Charlie|Emily|Frank|Hannah|Ivan|Julia|Kenji|Lucy|Michael|Nadia|Oliver|Priya|Robert|Sophie|Thomas|Ursula|Victor|Wendy|James|Sarah",
);
/** Family names. */
export const lastNames = list(
  "Smith|Johnson|Garcia|Müller|Rossi|Tanaka|Kim|Nguyen|Patel|Okafor|Silva|Dubois|Novak|Hansen|Kowalski|Ali|Chen|Lopez|Brown|Wilson|Taylor|Martin|Clark|Lewis|Walker|Young|Wright|Doe|Baker|Carter|Evans|Foster|Gray|Hughes|Jensen|Khan|Moreau|O'Brien|Park|Reyes",
);
/** Cities. */
export const cities = list(
  "New York|London|Paris|Tokyo|Berlin|Madrid|Rome|Lisbon|Vienna|Prague|Warsaw|Oslo|Stockholm|Helsinki|Dublin|Athens|Istanbul|Cairo|Nairobi|Lagos|Cape Town|Mumbai|Delhi|Bangalore|Singapore|Bangkok|Hanoi|Jakarta|Sydney|Melbourne|Auckland|Toronto|Vancouver|Montreal|Chicago|Boston|Seattle|San Francisco|Los Angeles|San Diego|Denver|Austin|Houston|Dallas|Phoenix|Atlanta|Miami|Orlando|Philadelphia|Portland|Las Vegas|Mexico City|Lima|Bogotá|Santiago|Buenos Aires|São Paulo|Rio de Janeiro|Zurich|Geneva|Munich|Hamburg|Barcelona|Milan|Amsterdam|Brussels|Copenhagen|Seoul|Beijing|Shanghai|Hong Kong|Oakland|Sacramento|Fresno|San Jose",
);
/** Countries. */
export const countries = list(
  "the United States|Germany|France|Italy|Spain|Portugal|Brazil|Argentina|Mexico|Canada|Japan|China|India|South Korea|Australia|New Zealand|Egypt|Kenya|Nigeria|South Africa|Sweden|Norway|Poland|Turkey|Vietnam|Thailand|Indonesia|Greece|Ireland|Switzerland|Austria|Belgium|Chile|Peru",
);
/** Languages. */
export const languages = list(
  "English|Spanish|French|German|Italian|Portuguese|Dutch|Russian|Turkish|Arabic|Hindi|Chinese|Japanese|Korean|Polish|Swedish|Greek",
);
/** Companies and brands. */
export const companies = list(
  "Acme Corp|Globex|Initech|Umbrella Labs|Northwind|Contoso|Blue Harbor Ltd|Stellar Foods|Pine & Sons|Vertex Media|Lumen Energy|Orbit Systems|Redwood Bank|Apple|Tesla|Siemens|Toyota|Samsung|Nike|Sony|BMW|IBM|Amazon|Netflix",
);
/** Currencies as codes. */
export const currencies = list("USD|EUR|GBP|JPY|CHF|CAD|AUD|INR|CNY|BRL|MXN|SEK");
/** Things to search, describe or name. */
export const topics = list(
  "renewable energy|jazz history|urban gardening|machine learning|climate change|healthy breakfast|medieval castles|remote work|electric cars|ocean plastics|ancient Rome|home security|running shoes|wireless headphones|solar panels|black holes|indoor plants|street photography|vegan desserts|mountain biking|data privacy|space travel|classical guitar|coral reefs|public transport|coffee brewing|board games|yoga for beginners|stock market|sleep quality|digital art|organic farming|water pollution|football|film noir|online education|mental health|robotics|hiking trails|quantum computing",
);
/** Titles of works, events and documents. */
export const titles = list(
  "The Silent River|Midnight Garden|Project Kickoff|Weekly Review|Summer Festival|Annual Report|Blue Horizon|Team Lunch|Budget Planning|Customer Survey|Winter Tales|Product Launch|The Last Train|Design Workshop|Golden Hour|Road to Nowhere|Quarterly Results|Open House|Book Club|The Glass Tower|Echoes of Summer|Marketing Sync|Security Training|Night Shift|A Walk in the Rain",
);
/** Sentences that are sent, translated, analysed or stored. */
export const sentences = list(
  "I'm running late, see you soon|The meeting has been moved to Friday|Great product, I would buy it again|Hello, how are you today?|Please bring the signed contract|I love the new design of your website|The delivery arrived damaged and nobody answers my emails|Don't forget to water the plants|The weather is lovely today|Happy birthday! Hope you have a wonderful day|We are happy to welcome you on board|The quick brown fox jumps over the lazy dog|Thanks for your help yesterday|The service was slow but the food was excellent|Your order is ready for pickup|Let's meet at the station|The report is due on Monday|I can't make it tonight|Buy milk, eggs and bread|Call me when you get home|This is the worst movie I have ever seen|Our office will be closed next week",
);
/** Products. */
export const products = list(
  "laptop|wireless mouse|office chair|coffee maker|smartphone|running shoes|backpack|desk lamp|water bottle|headphones|camera|electric kettle|winter jacket|yoga mat|keyboard|tablet|monitor|bookshelf|vacuum cleaner|bicycle helmet",
);
/** Colours. */
export const colours = list("red|blue|green|black|white|yellow|purple|orange|silver|dark gray|pink|brown");
/** Streets. */
export const streets = list(
  "Main Street|Oak Avenue|Park Lane|Maple Drive|High Street|Elm Street|Sunset Boulevard|River Road|Church Street|Market Street",
);
/** Parts of domains. */
export const domains = list(
  "example.com|mail.com|gmail.com|outlook.com|acme.org|northwind.io|contoso.net|company.com|university.edu|web.de",
);
/** Parts of file names and their endings. */
export const fileNames = list(
  "report|budget|notes|invoice|photo|backup|customers|sales_2023|draft|summary|dataset|config|slides|logo|interview",
);
/** File name endings. */
export const fileEndings = list("pdf|csv|txt|docx|json|png|jpg|xlsx|mp4|wav|py|log");
/** What people say around a request, and what no tool is for. */
export const contexts = list(
  "I'm planning a trip with my family.|We just moved into a new office.|I'm writing a blog post about it.|My boss needs this by the end of the day.|I have a presentation coming up.|It's been a long week.|I'm new to this.|Hope you're doing well.|My sister asked me about this.|I'm working on a school project.|We are preparing for an audit.|I want to surprise my friends.|I'm trying to get organized this month.|Our team is short on time.|I've been thinking about this for a while.|I'm curious about something.|We have guests coming over.|I run a small business.|I'm doing some research.|I lost my notes and need to start over.",
);
/** Openings and ends of messages. */
export const greetings = list("Hi|Hello|Hey|Hey there|Good morning|Hi there|Hello there");
/** Endings. */
export const thanks = list(
  "Thanks!|Thank you.|Thanks in advance.|Thank you so much!|That would be great.|I'd appreciate it.|Cheers!|That's all for now.",
);
/** Messages that ask for nothing that a tool does. */
export const smallTalk = list(
  "Hello, how are you?|Good morning!|Thanks, that was very helpful.|You're the best!|What's your name?|Who made you?|Tell me a joke about cats.|I'm bored, let's chat.|What do you think about life?|That's not what I meant.|Never mind.|Okay, bye.|How old are you?|Do you like music?|Can you keep a secret?|I had a terrible day.|What should I name my dog?|Sing me a song.|Are you a human?|I don't know what to do.|Could you explain why the sky is blue?|What is the meaning of life?|Write me a poem about autumn.|How do I become a better listener?|Why do people dream?|Give me some advice on dating.|What's two plus two, roughly speaking?|Let's talk about something else.|No, thank you, that is all.|Sorry, wrong window.|I just wanted to say hi.|Can you think?|How would you describe the color blue to a blind person?|What makes a good friend?|Help.|I forgot what I wanted to ask.|Do you ever get tired?|Explain the rules of chess to me.|Is it okay to eat breakfast for dinner?|Who would win, a bear or a shark?",
);
