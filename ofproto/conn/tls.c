/* SPDX-License-Identifier: ISC */
/* TLS contexts: 1.2 or newer, both sides verified, and failures in words. */
#include "conn.h"

#include "log.h"

#include <event2/bufferevent_ssl.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Why a file was not taken, in words. */
static bool
fail(char *why, size_t size, const char *what, const char *file)
{
	const unsigned long e = ERR_peek_last_error();
	FILE *f = fopen(file, "re");

	if (!f)
		snprintf(why, size, "%s %s: %s", what, file, strerror(errno));
	else if (!e || ERR_GET_REASON(e) == ERR_R_PEM_LIB || ERR_GET_LIB(e) == ERR_LIB_PEM)
		snprintf(why, size, "%s %s: not in PEM format, cut off, or encrypted", what, file);
	else
		snprintf(why, size, "%s %s: %s", what, file, ERR_reason_error_string(e));
	if (f)
		fclose(f);
	ERR_clear_error();
	return false;
}

/* Nobody is there to type a passphrase. */
static int
no_passphrase(char *buf, int size, int writing, void *aux)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)aux;
	return 0;
}

static bool
load_key(SSL_CTX *ctx, const struct ofproto_tls *t, char *why, size_t size)
{
	struct stat st;

	if (SSL_CTX_use_PrivateKey_file(ctx, t->private_key, SSL_FILETYPE_PEM) != 1) {
		const unsigned long e = ERR_peek_last_error();

		if (ERR_GET_LIB(e) != ERR_LIB_X509)
			return fail(why, size, "private key", t->private_key);
		snprintf(why, size, "the private key %s does not belong to the certificate %s", t->private_key,
		         t->certificate);
		ERR_clear_error();
		return false;
	}
	if (stat(t->private_key, &st) == 0 && (st.st_mode & 07))
		log_warn(LOG_TLS, "the private key %s can be read by everybody: chmod o= it", t->private_key);
	return true;
}

static bool
load(SSL_CTX *ctx, const struct ofproto_tls *t, char *why, size_t size)
{
	ERR_clear_error();
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(ctx, t->certificate) != 1)
		return fail(why, size, "certificate", t->certificate);
	if (!load_key(ctx, t, why, size))
		return false;
	if (SSL_CTX_load_verify_locations(ctx, t->ca_cert, NULL) != 1)
		return fail(why, size, "CA certificate", t->ca_cert);
	if (t->ciphers && SSL_CTX_set_cipher_list(ctx, t->ciphers) != 1) {
		snprintf(why, size, "ciphers %s: none of them is known", t->ciphers);
		ERR_clear_error();
		return false;
	}
	if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(ctx))) < 0)
		log_warn(LOG_TLS, "the certificate %s has expired: peers will refuse it", t->certificate);
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
	SSL_CTX_set_security_level(ctx, 2); /* "@SECLEVEL=n" among the ciphers says otherwise */
	SSL_CTX_set_num_tickets(ctx, 0);
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

bool
tls_check_name(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return true;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(ssl, host) == 1 && X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}
