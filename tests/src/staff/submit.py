"""Writes one mail with Python's email package and submits it with smtplib.

Standard input: a JSON object, see `staff.rs`. Standard output: what the server said last, as
{"code": 550, "lines": [...], "sent": the message as it was submitted, base64}.
"""

import base64
import json
import smtplib
import sys
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText


def written(mail):
    charset = mail["charset"]
    text = MIMEText(mail["text"], "plain", charset)
    message = text
    if mail["signed"]:
        message = MIMEMultipart("signed", protocol="application/pgp-signature", micalg="pgp-sha256")
        message.attach(text)
        seal = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
        message.attach(MIMEApplication(seal, "pgp-signature", lambda part: None))
    elif mail["files"]:
        message = MIMEMultipart()
        message.attach(text)
        for name, path in mail["files"]:
            with open(path, "rb") as file:
                part = MIMEApplication(file.read())
            part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
            message.attach(part)
    for name, value in mail["headers"]:
        message[name] = value if value.isascii() else Header(value, charset)
    return message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


def submit(mail, content):
    with smtplib.SMTP("127.0.0.1", mail["port"], "desk.own.example", timeout=60) as server:
        if mail["login"]:
            server.login(mail["login"], mail["password"])
        options = ["SMTPUTF8", "BODY=8BITMIME"] if mail["smtputf8"] else []
        for say in [
            lambda: server.ehlo(),
            lambda: server.mail(mail["from"], options),
            *[lambda to=to: server.rcpt(to) for to in mail["to"]],
            lambda: server.data(content),
        ]:
            try:
                code, text = say()
            except smtplib.SMTPResponseException as refusal:
                code, text = refusal.smtp_code, refusal.smtp_error
            if code >= 400:
                break
        return code, text.decode("utf-8").split("\n")


mail = json.load(sys.stdin)
content = written(mail)
code, lines = submit(mail, content)
sent = base64.b64encode(content).decode()
json.dump({"code": code, "lines": lines, "sent": sent}, sys.stdout)
