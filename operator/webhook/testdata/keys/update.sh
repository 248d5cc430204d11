#!/bin/sh
# Makes the key pairs of this folder anew: one for each encoding that certificate makers write, and a chain.
# They guard nothing; the tests only ask whether they can be read. rcgen writes PKCS#8 alone, hence openssl.
set -eu
cd "$(dirname "$0")"
subject="-subj /CN=webhook.test -days 36500 -x509"
openssl ecparam -name prime256v1 -genkey -noout -out sec1.key
openssl req -new $subject -key sec1.key -out sec1.crt
openssl pkcs8 -topk8 -nocrypt -in sec1.key -out pkcs8.key
openssl genrsa -traditional -out pkcs1.key 2048
openssl req -new $subject -key pkcs1.key -out pkcs1.crt
cat sec1.crt pkcs1.crt >chain.crt
