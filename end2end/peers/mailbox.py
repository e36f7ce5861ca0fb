# A mail server that keeps what it gets, made with aiosmtpd, and tells of it over HTTP.
# GET /mails answers what came, oldest first; PUT /refusal with a line such as "550 5.1.1 No such mailbox" makes it answer
# every mail with that line, until DELETE /refusal.
# Usage: python mailbox.py SMTP_PORT HTTP_PORT
import json
import sys
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

from aiosmtpd.controller import Controller

smtp_port, http_port = map(int, sys.argv[1:])
mails = []
refusal = None


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        if refusal:
            return refusal
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = lambda kind: (part := message.get_body((kind,))) and part.get_content()
        mails.append({
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "from": str(message["From"]),
            "to": str(message["To"]),
            "subject": str(message["Subject"]),
            "text": body("plain"),
            "html": body("html"),
        })
        return "250 Kept"


class Window(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, json.dumps(mails).encode())

    def do_PUT(self):
        global refusal
        refusal = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(204)

    def do_DELETE(self):
        global refusal
        refusal = None
        self.answer(204)

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


Controller(Keeper(), hostname="127.0.0.1", port=smtp_port).start()
HTTPServer(("127.0.0.1", http_port), Window).serve_forever()
