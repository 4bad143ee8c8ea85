"""Well-known sites and what kind they are: what GA4's definitions call the lists of search, social, shopping and
video sites (Google's own lists are long; these are the ones that sites in practice meet)."""

SEARCH, SOCIAL, SHOPPING, VIDEO, EMAIL = "search", "social", "shopping", "video", "email"

# By the name of a domain without its suffix, which is also what people write into utm_source.
_NAMES = {
    SEARCH: (
        "360.cn alice aol ask avg babylon baidu biglobe bing centrum.cz cnn comcast conduit daum dogpile duckduckgo"
        " ecosia ekolay eniro exalead excite globo go.mail.ru google incredimail kvasir lycos mamma metager mojeek"
        " mynet najdi naver onet perplexity presearch qwant rakuten rambler search-results search.smt.docomo"
        " searx seznam so.com sogou startpage startsiden swisscows terra tut.by ukr virgilio wp yahoo yandex yep"
    ),
    SOCIAL: (
        "badoo bebo behance blogger blogspot bluesky bsky deviantart discord discourse disqus douban dribbble"
        " facebook fb flickr flipboard foursquare goodreads hackernews ig instagram kakao kakaotalk line linkedin"
        " livejournal mastodon medium meetup messenger mix myspace nextdoor ok odnoklassniki patreon pinterest"
        " plurk pocket qq quora reddit renren skype slack slashdot snapchat snap stackexchange stackoverflow"
        " stumbleupon substack telegram threads tinder tumblr twitter viadeo viber vk vkontakte wechat weibo"
        " whatsapp wordpress x xing ycombinator yammer yelp"
    ),
    SHOPPING: (
        "aliexpress alibaba amazon bestbuy bol ebay etsy flipkart google-shopping googleshopping idealo jd kaufland"
        " lazada mercadolibre mercadolivre otto ozon pricegrabber rakuten-shopping shopee shopify shopping shopzilla"
        " target taobao temu tmall walmart wayfair wildberries wish zalando"
    ),
    VIDEO: (
        "bilibili crackle curiositystream dailymotion disneyplus hulu iqiyi netflix nicovideo odysee peacocktv"
        " rumble tiktok twitch utreon veoh vevo viddler vimeo vudu wistia youku youtube"
    ),
}  # fmt: skip
# Hosts whose name says nothing of that, or something else than they are.
_HOSTS = {
    "t.co": SOCIAL, "x.com": SOCIAL, "fb.me": SOCIAL, "lnkd.in": SOCIAL, "t.me": SOCIAL, "wa.me": SOCIAL,
    "g.co": SEARCH, "search.brave.com": SEARCH, "youtu.be": VIDEO, "shopping.google.com": SHOPPING,
    "amzn.to": SHOPPING, "mail.google.com": EMAIL, "mail.yahoo.com": EMAIL, "mail.aol.com": EMAIL,
    "mail.yandex.ru": EMAIL, "outlook.live.com": EMAIL, "mail.proton.me": EMAIL, "groups.google.com": "",
    "docs.google.com": "", "meet.google.com": "", "cloud.google.com": "", "sites.google.com": "",
    "calendar.google.com": "", "classroom.google.com": "", "drive.google.com": "", "play.google.com": "",
    "medium.com": SOCIAL, "line.me": SOCIAL, "www.target.com": SHOPPING,
}  # fmt: skip
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_SUFFIX_LABELS = ("co", "com", "net", "org", "ne", "or", "gov", "ac")


def kind_of_site(source: str) -> str:
    """Return the kind of the site that ``source``, in lower case, names or is the host of; "" if it is not known."""
    if source in _HOSTS:
        return _HOSTS[source]
    return _KINDS.get(source) or (_KINDS.get(_name_of(source), "") if "." in source else "")


def _name_of(host: str) -> str:
    """Return the part of a host that somebody registered: google of news.google.com and of www.google.co.uk."""
    labels = host.split(".")
    is_two_part = len(labels) > 2 and labels[-2] in _SUFFIX_LABELS and len(labels[-1]) == 2
    return labels[-3 if is_two_part else -2]
