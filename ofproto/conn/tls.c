/* SPDX-License-Identifier: ISC */
/* TLS contexts: 1.2 or newer, both sides verified, and failures in words. */
#include "conn.h"

#include <event2/bufferevent_ssl.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>

static bool
fail(char *why, size_t size, const char *what, const char *file)
{
	const unsigned long e = ERR_peek_last_error();

	snprintf(why, size, "%s %s: %s", what, file, e ? ERR_reason_error_string(e) : "unreadable");
	ERR_clear_error();
	return false;
}

static bool
load(SSL_CTX *ctx, const struct ofproto_tls *t, char *why, size_t size)
{
	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, t->certificate) != 1)
		return fail(why, size, "certificate", t->certificate);
	if (SSL_CTX_use_PrivateKey_file(ctx, t->private_key, SSL_FILETYPE_PEM) != 1)
		return fail(why, size, "private key", t->private_key);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return fail(why, size, "the certificate does not belong to the private key", t->private_key);
	if (SSL_CTX_load_verify_locations(ctx, t->ca_cert, NULL) != 1)
		return fail(why, size, "CA certificate", t->ca_cert);
	if (t->ciphers && SSL_CTX_set_cipher_list(ctx, t->ciphers) != 1)
		return fail(why, size, "ciphers", t->ciphers);
	return true;
}

SSL_CTX *
tls_context(const struct ofproto_tls *t, char *why, size_t size)
{
	SSL_CTX *ctx;

	if (!t->private_key || !t->certificate || !t->ca_cert) {
		snprintf(why, size, "TLS needs a private key, a certificate and the CA certificate of the controllers");
		return NULL;
	}
	ctx = SSL_CTX_new(TLS_method());
	if (!ctx) {
		snprintf(why, size, "no memory for TLS");
		return NULL;
	}
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	if (!load(ctx, t, why, size)) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

int
ofproto_tls_check(const struct ofproto_tls *t, char *why, size_t size)
{
	SSL_CTX *ctx = tls_context(t, why, size);

	SSL_CTX_free(ctx);
	return ctx ? 0 : -EINVAL;
}

void
tls_failure(struct bufferevent *bev, char *buf, size_t size)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	const long verify = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	unsigned long e;

	buf[0] = '\0';
	if (!ssl)
		return;
	e = bufferevent_get_openssl_error(bev);
	if (verify == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	    verify == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		snprintf(buf, size, "the peer's certificate was refused: it is not signed by the configured CA");
	else if (verify != X509_V_OK)
		snprintf(buf, size, "the peer's certificate was refused: %s", X509_verify_cert_error_string(verify));
	else if (e && ERR_GET_REASON(e) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		snprintf(buf, size, "the peer showed no certificate");
	else if (e && (ERR_GET_REASON(e) == SSL_R_WRONG_VERSION_NUMBER || ERR_GET_REASON(e) == SSL_R_HTTP_REQUEST))
		snprintf(buf, size, "the peer does not speak TLS on this port");
	else if (e && ERR_GET_LIB(e) == ERR_LIB_SSL && ERR_GET_REASON(e) >= SSL_AD_REASON_OFFSET)
		snprintf(buf, size, "the peer refused us (our certificate?): %s", ERR_reason_error_string(e));
	else if (e && !ERR_SYSTEM_ERROR(e) && ERR_reason_error_string(e))
		snprintf(buf, size, "TLS: %s", ERR_reason_error_string(e));
}
