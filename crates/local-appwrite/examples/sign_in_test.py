"""Starts a local-appwrite of its own, and signs up and in: python3 sign_in_test.py"""
import json, re, subprocess, unittest
from urllib.request import Request, urlopen


class SignIn(unittest.TestCase):
    def setUp(self):
        command = ["local-appwrite", "--ephemeral", "--listen", "127.0.0.1:0", "--api-key", "test-key"]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.endpoint = re.search(r"http\S+", self.server.stdout.readline())[0]

    def tearDown(self):
        self.server.kill()
        self.server.communicate()

    def call(self, path, body=None, **headers):
        headers = {"Content-Type": "application/json", "X-Appwrite-Project": "demo", **headers}
        return json.load(urlopen(Request(self.endpoint + path, json.dumps(body).encode() if body else None, headers)))

    def test_a_user_signs_up_and_in(self):
        account = {"userId": "unique()", "email": "ann@example.com", "password": "Correct-horse-1", "name": "Ann"}
        self.call("/account", account)
        session = self.call("/account/sessions/email", account, **{"X-Appwrite-Key": "test-key"})
        self.assertEqual(self.call("/account", **{"X-Appwrite-Session": session["secret"]})["name"], "Ann")


unittest.main()
