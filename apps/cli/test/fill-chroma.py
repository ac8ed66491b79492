"""Fills a Chroma database with documents that carry their own (meaningless) vectors: no model is downloaded.

usage: fill-chroma.py DIR FILE   FILE holds {"collection": [{"id", "text", "metadata"}, ...]}
"""

import json
import sys

import chromadb

client = chromadb.PersistentClient(path=sys.argv[1])
with open(sys.argv[2], encoding="utf8") as file:
    for name, documents in json.load(file).items():
        collection = client.create_collection(name, embedding_function=None, metadata={"hnsw:space": "cosine"})
        for start in range(0, len(documents), 200):
            page = documents[start : start + 200]
            collection.add(
                ids=[one["id"] for one in page],
                documents=[one["text"] for one in page],
                metadatas=[one["metadata"] for one in page],
                embeddings=[[float(index % 7), 1.0, 0.5] for index in range(len(page))],
            )
        print(name, collection.count())
