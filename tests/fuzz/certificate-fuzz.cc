/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/certificate.h"
#include "check/finding.h"
#include "check/judge-port.h"
#include "fuzz/fuzz.h"

#include <glib/gstdio.h>

#include <algorithm>

namespace
{

/* Who has signed some of the corpus. Its key is nowhere. */
const char *const kAuthority = R"(-----BEGIN CERTIFICATE-----
MIIBgjCCASigAwIBAgIUbgtAzWe6PLCPiwhZQrWT0CGS6oUwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEUm9vdDAgFw0yNjExMjIyMDE3NTVaGA8yMTI2MTAyOTIwMTc1
NVowDzENMAsGA1UEAwwEUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNCa
Fkh/Trm4jQmz5wwY37ZA1I665A5whtL9cXO79TF4cdk40tWHOT35uwfeDjqjOMku
bFU8wehMW89ne3fX0lGjYDBeMB0GA1UdDgQWBBQDdx5q+WoLmq8xODiN1Qy/FLa8
DzAfBgNVHSMEGDAWgBQDdx5q+WoLmq8xODiN1Qy/FLa8DzAPBgNVHRMBAf8EBTAD
AQH/MAsGA1UdDwQEAwICBDAKBggqhkjOPQQDAgNIADBFAiEA27ewNjiblHJGcJs9
L//mFbGtkZZMTEZp8weLRMsrHXcCIG12o3SjwnIFobE6kPaMKObZFAgm5vBPjXJU
v+hyDaIL
-----END CERTIFICATE-----
)";

/* 2 November 2033: nothing here depends on the day. */
constexpr gint64 kNow = 2014500000;

PostsealTlsTrust *
load_trust ()
{
  g_autofree char *path = nullptr;
  g_autoptr (GError) error = nullptr;
  int fd = g_file_open_tmp ("postseal-fuzz-XXXXXX", &path, &error);
  PostsealTlsTrust *trust = nullptr;

  fuzz::demand (fd >= 0 && g_file_set_contents (path, kAuthority, -1, &error), "a file");
  g_close (fd, nullptr);
  trust = postseal_tls_trust_load (path, &error);
  fuzz::demand (trust != nullptr, "an authority");
  g_remove (path);
  return trust;
}

/* Certificates, each behind its length in two bytes. */
GPtrArray *
read_chain (const uint8_t *data, size_t size)
{
  GPtrArray *chain
      = g_ptr_array_new_with_free_func (reinterpret_cast<GDestroyNotify> (g_bytes_unref));

  while (size > 2)
    {
      size_t length = std::min<size_t> (data[0] << 8 | data[1], size - 2);

      g_ptr_array_add (chain, g_bytes_new (data + 2, length));
      data += 2 + length;
      size -= 2 + length;
    }
  return chain;
}

void
check_certificate (PostsealTlsTrust *trust, const GPtrArray *chain, const char *host)
{
  g_autoptr (PostsealCertificate) certificate = postseal_certificate_new (chain, host, trust);
  g_autoptr (PostsealTlsaRecord) record = nullptr;

  if (certificate == nullptr)
    return;
  record = postseal_tlsa_record_new (POSTSEAL_TLSA_DANE_EE, 0, 0, host,
                                     static_cast<GBytes *> (chain->pdata[0]));
  fuzz::demand (certificate->path->len > 0, "it leads somewhere");
  fuzz::demand ((certificate->trust == POSTSEAL_CERTIFICATE_TRUSTED)
                    == (certificate->authority == nullptr),
                "trusted, or somebody is missing");
  fuzz::demand (g_utf8_validate (certificate->names, -1, nullptr)
                    && g_utf8_validate (certificate->issuer, -1, nullptr),
                "fit for printing");
  fuzz::demand (postseal_certificate_fits (certificate, record), "it is itself");
}

/* Of any certificate something is said. */
void
check_judge (PostsealTlsTrust *trust, GPtrArray *chain, const char *host)
{
  PostsealPortContext context = {};
  g_autoptr (GPtrArray) findings = postseal_findings_new ();
  g_autoptr (PostsealPortFacts) facts
      = postseal_port_facts_new (POSTSEAL_PROTOCOL_IMAP, 993, POSTSEAL_TLS_START_IMPLICIT);

  context.host = host;
  context.now = kNow;
  context.trust = trust;
  facts->state = POSTSEAL_PORT_MAIL;
  facts->chain = g_ptr_array_ref (chain);
  postseal_judge_port (facts, &context, findings);
  fuzz::demand (chain->len == 0 || findings->len > 0, "something is said");
}

} // namespace

/* What a server sends as its certificates: any bytes. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static PostsealTlsTrust *trust = load_trust ();
  g_autoptr (GPtrArray) chain = read_chain (data, size);

  check_certificate (trust, chain, size % 2 == 0 ? "192.0.2.1" : "mail.example.org");
  check_judge (trust, chain, "mail.example.org");
  return 0;
}
