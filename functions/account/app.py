"""/v1/account, /v1/statement, /v1/key, /v1/usage, /v1/requests, /v1/keys, /v1/codes/redeem, /v1/checkout;
POST /v1/uploads/presign"""

from interchange import wiring
from interchange.account.api import METHODS, PATHS, account_api
from interchange.edge.family import dressed
from interchange.operator.alert_settings import read_alerts
from interchange.operator.books import make_books, open_checkout
from interchange.protocols.openai_chat.server import Server

services = wiring.services(calls=False)
settings = wiring.settings()
table = wiring.open_table(settings)
server = Server(services.seal)
books = make_books(table, lambda: wiring.catalog(settings), read_alerts(settings), checkout=open_checkout(settings))
api = account_api(services, books, table, server)

app, handler = dressed(api, "account", PATHS, server, services, methods=METHODS)
