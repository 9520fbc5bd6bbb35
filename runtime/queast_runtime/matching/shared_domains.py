"""Domains where anybody may have an address, a page or a shortened link: they say nothing about whose record it is.

Three kinds: mail providers and networks, which are shared as a whole; hosters, whose customers have a name below theirs
(`acme.odoo.com`); and hosts of pages under a domain that is one company's own (`sites.google.com`, of Google's).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from queast_dsl.functions import REGISTRY, FunctionError
from queast_dsl.suffixes import suffixes

# Mail under many endings: yahoo.com, yahoo.co.uk, hotmail.fr.
_MAIL_BRANDS: Final = frozenset(
    {
        *("gmail", "googlemail", "yahoo", "ymail", "rocketmail", "hotmail", "outlook", "live", "msn", "gmx", "aol"),
        *("yandex", "icloud", "protonmail", "tutanota", "zohomail", "mailbox", "email", "mail", "netscape", "lycos"),
    }
)
_MAIL: Final = frozenset(
    {
        *("me.com", "mac.com", "passport.com", "windowslive.com", "proton.me", "pm.me", "tuta.io", "tutamail.com"),
        *("zoho.com", "zoho.eu", "fastmail.com", "fastmail.fm", "hushmail.com", "hey.com", "duck.com", "inbox.com"),
        *("posteo.de", "web.de", "t-online.de", "freenet.de", "arcor.de", "online.de", "vodafone.de", "kabelmail.de"),
        *("online.no", "broadpark.no", "getmail.no", "lyse.net", "frisurf.no", "start.no", "c2i.net", "altiboxmail.no"),
        *("telia.com", "comhem.se", "bredband.net", "spray.se", "tele2.se", "home.se", "passagen.se", "swipnet.se"),
        *("jubii.dk", "mail.dk", "ofir.dk", "stofanet.dk", "tdcadsl.dk", "kolumbus.fi", "elisanet.fi", "luukku.com"),
        *("saunalahti.fi", "suomi24.fi", "simnet.is", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net"),
        *("neuf.fr", "bbox.fr", "numericable.fr", "club-internet.fr", "aliceadsl.fr", "voila.fr", "libero.it"),
        *("virgilio.it", "alice.it", "tin.it", "tiscali.it", "inwind.it", "iol.it", "fastwebnet.it", "telefonica.net"),
        *("terra.es", "ono.com", "sapo.pt", "bluewin.ch", "sunrise.ch", "hispeed.ch", "aon.at", "chello.at", "a1.net"),
        *(
            "telenet.be",
            "skynet.be",
            "proximus.be",
            "scarlet.be",
            "ziggo.nl",
            "kpnmail.nl",
            "kpnplanet.nl",
            "planet.nl",
        ),
        *("hetnet.nl", "xs4all.nl", "home.nl", "casema.nl", "upcmail.nl", "quicknet.nl", "btinternet.com", "sky.com"),
        *("virginmedia.com", "ntlworld.com", "talktalk.net", "blueyonder.co.uk", "tiscali.co.uk", "eircom.net"),
        *("plus.net", "wp.pl", "o2.pl", "onet.pl", "onet.eu", "interia.pl", "interia.eu", "gazeta.pl", "tlen.pl"),
        *("seznam.cz", "centrum.cz", "atlas.cz", "volny.cz", "post.cz", "azet.sk", "zoznam.sk", "centrum.sk"),
        *("freemail.hu", "citromail.hu", "t-online.hu", "abv.bg", "ukr.net", "i.ua", "meta.ua", "bk.ru", "inbox.ru"),
        *("list.ru", "rambler.ru", "ya.ru", "inbox.lv", "one.lv", "hot.ee", "otenet.gr", "mynet.com", "walla.co.il"),
        *("qq.com", "foxmail.com", "163.com", "126.com", "139.com", "189.cn", "yeah.net", "sina.com", "sina.cn"),
        *("sohu.com", "aliyun.com", "21cn.com", "tom.com", "naver.com", "daum.net", "hanmail.net", "nate.com"),
        *("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "nifty.com", "biglobe.ne.jp", "ocn.ne.jp", "rediffmail.com"),
        *("comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net"),
        *("earthlink.net", "optonline.net", "juno.com", "frontier.com", "windstream.net", "centurylink.net", "rr.com"),
        *("shaw.ca", "rogers.com", "sympatico.ca", "videotron.ca", "telus.net", "bell.net", "bigpond.com"),
        *(
            "bigpond.net.au",
            "optusnet.com.au",
            "iinet.net.au",
            "xtra.co.nz",
            "uol.com.br",
            "bol.com.br",
            "terra.com.br",
        ),
        *("ig.com.br", "prodigy.net.mx", "mweb.co.za", "telkomsa.net", "vodamail.co.za"),
    }
)
# Profiles, shops, directories and shortened links: who is meant stands in the path.
_NETWORKS: Final = frozenset(
    {
        *(
            "facebook.com",
            "fb.com",
            "fb.me",
            "linkedin.com",
            "lnkd.in",
            "instagram.com",
            "twitter.com",
            "x.com",
            "t.co",
        ),
        *("youtube.com", "youtu.be", "tiktok.com", "pinterest.com", "vimeo.com", "xing.com", "vk.com", "ok.ru"),
        *("threads.net", "snapchat.com", "medium.com", "wa.me", "whatsapp.com", "t.me", "telegram.me", "discord.gg"),
        *("linktr.ee", "about.me", "beacons.ai", "carrd.co", "bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "g.page"),
        *("g.co", "forms.gle", "rebrand.ly", "is.gd", "cutt.ly", "yelp.com", "tripadvisor.com", "trustpilot.com"),
        *(
            "crunchbase.com",
            "glassdoor.com",
            "indeed.com",
            "angel.co",
            "wellfound.com",
            "pitchbook.com",
            "eventbrite.com",
        ),
        *("meetup.com", "kickstarter.com", "patreon.com", "etsy.com", "ebay.com", "calendly.com", "wikipedia.org"),
        *("proff.no", "gulesider.no", "1881.no", "finn.no", "purehelp.no", "proff.se", "hitta.se", "allabolag.se"),
        *(
            "eniro.se",
            "proff.dk",
            "krak.dk",
            "degulesider.dk",
            "finder.fi",
            "fonecta.fi",
            "gelbeseiten.de",
            "11880.com",
        ),
        *("northdata.de", "northdata.com", "companyhouse.de", "pagesjaunes.fr", "societe.com", "paginegialle.it"),
        *("paginasamarillas.es", "goudengids.nl", "yell.com", "yellowpages.com", "zoominfo.com", "bloomberg.com"),
    }
)
# Customers' names stand below these, or after the slash; those of the public suffix list's private section are known.
_HOSTERS: Final = frozenset(
    {
        *("wixsite.com", "wix.com", "wordpress.com", "blogspot.com", "blogger.com", "github.io", "gitlab.io"),
        *("weebly.com", "weeblysite.com", "squarespace.com", "myshopify.com", "shopify.com", "webflow.io", "odoo.com"),
        *("jimdo.com", "jimdosite.com", "jimdofree.com", "business.site", "godaddysites.com", "mystrikingly.com"),
        *("site123.me", "webnode.com", "webnode.page", "yolasite.com", "tumblr.com", "typepad.com", "livejournal.com"),
        *("over-blog.com", "canalblog.com", "e-monsite.com", "pagesperso-orange.fr", "altervista.org", "tripod.com"),
        *("angelfire.com", "bigcartel.com", "mystore.no", "24nettbutikk.no", "123hjemmeside.no", "123hemsida.net"),
        *("123website.nl", "one.com", "hs-sites.com", "notion.site", "super.site"),
        *("framer.website", "framer.app", "carrd.co", "netlify.app", "vercel.app", "herokuapp.com", "pages.dev"),
        *("web.app", "firebaseapp.com", "azurewebsites.net", "cloudfront.net", "amazonaws.com", "sharepoint.com"),
        *("onmicrosoft.com", "zendesk.com", "freshdesk.com", "atlassian.net", "substack.com", "gumroad.com"),
        *(
            "teamtailor.com",
            "recruitee.com",
            "personio.de",
            "bamboohr.com",
            "workable.com",
            "greenhouse.io",
            "lever.co",
        ),
        *(
            "ueniweb.com",
            "sitew.com",
            "webador.com",
            "webflow.com",
            "strato.de",
            "home.blog",
            "constantcontactsites.com",
        ),
    }
)
# Pages of anybody, below a domain that is one company's own.
_PAGES: Final = frozenset(
    {
        *(f"{each}.google.com" for each in ("sites", "docs", "drive", "forms", "maps", "plus", "groups", "business")),
        *("play.google.com", "calendar.google.com", "apps.apple.com", "itunes.apple.com", "podcasts.apple.com"),
        *("forms.office.com", "sway.office.com", "apps.microsoft.com", "storefront.amazon.com", "open.spotify.com"),
    }
)
_ABOVE_PAGES: Final = frozenset(page.split(".", n)[n] for page in _PAGES for n in range(1, page.count(".") + 1))
_AS_A_WHOLE: Final = _MAIL | _NETWORKS | _HOSTERS | _PAGES
# The private section also holds endings that are sold like any other: acme.uk.com, acme.co.no, acme.jpn.com.
_LONGEST_COUNTRY: Final = 2
_SOLD: Final = frozenset({"com", "net", "org", "jpn"})


def has_pages(registrable: str) -> bool:
    """Say whether there are hosts below a domain of which `page_host` knows that they are somebody else's."""
    return registrable in _HOSTERS or registrable in _ABOVE_PAGES


def page_host(host: str, registrable: str) -> str | None:
    """Return what of a host tells whose page it is, where `registrable` does not: `sites.google.com`,
    `www.acme.odoo.com`  ->  `sites.google.com`, `acme.odoo.com`; None for any other host."""
    bare = host.removeprefix("www.")
    if registrable in _HOSTERS and bare != registrable:
        return ".".join(bare.split(".")[-1 - len(registrable.split(".")) :])
    while bare != registrable and "." in bare:
        if bare in _PAGES:
            return bare
        bare = bare.partition(".")[2]
    return None


@lru_cache(maxsize=16_384)
def is_shared(domain: str | None) -> bool:
    """Say whether a domain, as `keys.domain_key` gives it, is one that unrelated companies may have."""
    if domain is None:
        return False
    if domain in _AS_A_WHOLE or domain.partition(".")[2] in _HOSTERS:
        return True
    return domain.partition(".")[0] in _MAIL_BRANDS or _is_hosted(domain)


def _is_hosted(domain: str) -> bool:
    """Say whether the domain is a customer's name below a hoster's, by the private section of the list."""
    try:
        registrable = REGISTRY["domain"].python(domain)
    except FunctionError:
        return False
    # Without the hosters' section there is only what can be registered with a registry.
    if not isinstance(registrable, str) or suffixes(with_hosters=False).registrable(domain) == registrable:
        return False
    ending = registrable.partition(".")[2].partition(".")[0]
    return len(ending) > _LONGEST_COUNTRY and ending not in _SOLD
