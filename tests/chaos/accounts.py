"""The accounts that payments are made at: one for each way in which a provider can behave."""

import base64

CANARIES = {  # none of these may be found anywhere but where it belongs
    "example_key": "sk_test_canary_" + "e" * 12,
    "live_key": "sk_live_canary_" + "l" * 12,
    "short_key": "sk_test_canary_" + "h" * 12,
    "reference_key": "sk_test_canary_" + "r" * 12,
    "keyless_key": "sk_test_canary_" + "k" * 12,
    "liar_key": "sk_test_canary_" + "i" * 12,
    "stripe_key": "sk_test_canary_" + "s" * 12,
    "mintcash_key": "sk_test_canary_" + "m" * 12,
    "pudgy_key": "sk_test_canary_" + "p" * 12,
    "plugipay_key": "pk_test_canary_" + "g" * 12,
    "xendit_key": "xnd_development_canary_" + "x" * 12,
    "midtrans_key": "SB-Mid-server-canary_" + "t" * 12,
    "webhook_key": "whk_canary_" + "w" * 12,
}
SOXARA_KEY = "d" * 40


def basic_end(user):
    """How an Authorization header of this user, without a password, ends."""
    return base64.b64encode(f"{user}:".encode()).decode()[-8:]


# What the referee must know of them: whose key a request carries, and whether webhooks prove
# themselves.
ACCOUNTS = {
    "keyed": {"mode": "test", "key_end": CANARIES["example_key"][-8:], "proves": True},
    "keyed_live": {"mode": "live", "key_end": CANARIES["live_key"][-8:], "proves": True},
    "second": {"mode": "test", "key_end": CANARIES["example_key"][-8:], "proves": True},
    "short": {"mode": "test", "key_end": CANARIES["short_key"][-8:], "proves": True,
              "forgets_keys": True},
    "reference": {"mode": "test", "key_end": CANARIES["reference_key"][-8:], "proves": True},
    "keyless": {"mode": "test", "key_end": CANARIES["keyless_key"][-8:], "proves": False,
                "is_keyless": True},
    "liar": {"mode": "test", "key_end": CANARIES["liar_key"][-8:], "proves": True,
             "lies": True},
    "stripe": {"mode": "test", "key_end": CANARIES["stripe_key"][-8:], "proves": True},
    "mintcash": {"mode": "test", "key_end": CANARIES["mintcash_key"][-8:], "proves": True},
    "soxara": {"mode": "test", "key_end": SOXARA_KEY[-8:], "proves": True},
    "pudgy": {"mode": "test", "key_end": CANARIES["pudgy_key"][-8:], "proves": True},
    "plugipay": {"mode": "test", "key_end": CANARIES["plugipay_key"][-8:], "proves": True},
    "xendit": {"mode": "test", "key_end": basic_end(CANARIES["xendit_key"]), "proves": False},
    "midtrans": {"mode": "test", "key_end": basic_end(CANARIES["midtrans_key"]), "proves": False},
    # By access tokens.
    "paypal": {"mode": "test", "key_end": "", "proves": True, "never_closes": True},
    "mtn": {"mode": "test", "key_end": "", "proves": False},
    # It tells who asked, and then the address that it was given, once each.
    "mpesa": {"mode": "test", "key_end": "", "proves": False, "tells_once": True},
    # Orange's sandbox counts in a currency of its own.
    "orange": {"mode": "test", "key_end": "", "proves": False, "counts_in": "OUV"},
}


def simulator_settings(hooks):
    """What the simulators must be told to reach the router, and to be believed by it."""
    return {
        "example.webhook_key": CANARIES["webhook_key"],
        "example.lie." + CANARIES["liar_key"].removeprefix("sk_test_"): "mix",
        "stripe.webhook_url": hooks + "stripe",
        "stripe.webhook_secret": "whsec_sandbox", "mintcash.webhook_url": hooks + "mintcash",
        "mintcash.secret_key": "demo-signing-secret-91ab",
        # Its pages cannot be closed by us: a payment that is canceled waits for this long.
        "mintcash.hpp_ttl_s": "15", "soxara.webhook_url": hooks + "soxara",
        "soxara.webhook_secret": "whsec_test_soxara_77d0",
        "pudgy.webhook_url": hooks + "pudgy", "plugipay.webhook_url": hooks + "plugipay",
        "xendit.webhook_url": hooks + "xendit", "paypal.webhook_url": hooks + "paypal",
        # Nor can MTN's prompts; and tokens end while they are in use.
        "mtn_momo.prompt_lasts_s": "15", "mtn_momo.token_lasts_s": "20",
        "paypal.token_lasts_s": "30",
        "orange_money.code": "123456", "orange_money.page_lasts_s": "10",
        "orange_money.token_lasts_s": "20"}


def accounts_config(sandbox):
    """Each account, and a rule that sends it what asks for it by name."""
    text = ""
    def example(name):
        return f'api_key = "env:CANARY_{name}_KEY"\nwebhook_key = "env:CANARY_WEBHOOK_KEY"'
    keys = {"keyed": ("example", 'api_key = "env:CANARY_EXAMPLE_KEY"\nwebhook_key = "env:CANARY_WEBHOOK_KEY"'),
            "keyed_live": ("example", 'api_key = "env:CANARY_LIVE_KEY"\nwebhook_key = "env:CANARY_WEBHOOK_KEY"'),
            "short": ("example_short", example("SHORT")),
            "reference": ("example_reference", example("REFERENCE")),
            "keyless": ("example_keyless", 'api_key = "env:CANARY_KEYLESS_KEY"'),
            "liar": ("example", example("LIAR")),
            "second": ("example", 'api_key = "env:CANARY_EXAMPLE_KEY"\nwebhook_key = "env:CANARY_WEBHOOK_KEY"'),
            "stripe": ("stripe", 'secret_key = "env:CANARY_STRIPE_KEY"\nwebhook_secret = "whsec_sandbox"'),
            "mintcash": ("mintcash", 'public_key = "pk_test_shop"\nsecret_key = "env:CANARY_MINTCASH_KEY"\n'
                         'signing_secret = "demo-signing-secret-91ab"'),
            "soxara": ("soxara", f'secret_key = "sxm_test_{SOXARA_KEY}"\n'
                       f'publishable_key = "sxm_pub_test_{SOXARA_KEY[:36]}"\n'
                       'server_side_confirm = "true"\n'
                       f'script_url = "{sandbox}/soxara/js/v1"\nwebhook_secret = "whsec_test_soxara_77d0"'),
            "pudgy": ("pudgy", 'secret_key = "env:CANARY_PUDGY_KEY"\nwebhook_secret = "whsec_test_pudgy_5f1c9a"'),
            "plugipay": ("plugipay", 'api_key = "env:CANARY_PLUGIPAY_KEY"\nwebhook_secret = "whsec_test_plugi_c0ffee"'),
            "xendit": ("xendit", 'secret_key = "env:CANARY_XENDIT_KEY"\ncallback_token = "V8tq2nQ0sYk4wZr7xP1c"'),
            "midtrans": ("midtrans", f'server_key = "env:CANARY_MIDTRANS_KEY"\nsnap_base_url = "{sandbox}/midtrans"'),
            "paypal": ("paypal", 'client_id = "paypal-sandbox-client"\nclient_secret = "paypal-sandbox-secret"\n'
                       'webhook_id = "8PT597110X687430L"\nwebhook_verification = "api"\n'
                       f'certificate_hosts = "{sandbox.removeprefix("http://")}"'),
            "mtn": ("mtn_momo", 'target_environment = "sandbox"\n'
                    'collection_subscription_key = "5c1e9f0a7b3d4e6288aa01c4d2f7b9e3"\n'
                    'disbursement_subscription_key = "d07be4a15f9c4b7ca2360e8f1c5d9b42"\n'
                    + "".join(f'{product}_api_user = "72a6b1d0-3f3e-4a55-9d4e-8b1f0a2c7e11"\n'
                              f'{product}_api_key = "f1db798c98df4bcf83b538175893bbf0"\n'
                              for product in ("collection", "disbursement"))),
            "mpesa": ("mpesa", 'consumer_key = "ck_test"\nconsumer_secret = "cs_test"\nshort_code = "174379"\n'
                      'passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919"\n'
                      'initiator = "apiop37"\nsecurity_credential = "c2VhbGVkIHBhc3N3b3Jk"\n'
                      'reversed_words = "Reversed"\nunreversed_words = "Completed"\n'
                      'status_gap_s = "5"'),
            "orange": ("orange_money", 'merchant_key = "demo1234"\nclient_id = "orange-client"\n'
                       'client_secret = "orange-secret"\ncountry = "dev"\ncurrency = "XOF"\n'
                       'merchant_name = "Chaos"\npage_lasts_s = "10"\nabandoned_after_s = "5"')}
    for name, (adapter, settings) in keys.items():
        text += (f'\n[[account]]\nid = "{name}"\nadapter = "{adapter}"\n'
                 f'mode = "{ACCOUNTS[name]["mode"]}"\n'
                 f'base_url = "{sandbox}/{adapter}"\n{settings}\n')
    text += '\n[[rule]]\nname = "cascade"\nwhen = { metadata.at = "cascade" }\nuse = ["keyed", "second"]\n'
    for name in (name for name in keys if name != "second"):
        text += f'\n[[rule]]\nname = "{name}"\nwhen = {{ metadata.at = "{name}" }}\nuse = ["{name}"]\n'
    return text
