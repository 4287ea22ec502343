/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/seal-json.h"

#include "cli/report.h"

static const char *
get_confidentiality (const PostsealSeal *seal)
{
  switch (seal->voucher)
    {
    case POSTSEAL_VOUCHER_CA:
    case POSTSEAL_VOUCHER_CA_PIN:
      return "verified";
    case POSTSEAL_VOUCHER_DANE:
    case POSTSEAL_VOUCHER_DANE_PIN:
      return "dane";
    case POSTSEAL_VOUCHER_LOOPBACK:
      return "loopback";
    case POSTSEAL_VOUCHER_NONE:
    default:
      return "none";
    }
}

void
postseal_seal_add_to_json (const PostsealSeal *seal, JsonBuilder *builder)
{
  if (seal == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  postseal_report_add_string (builder, "endpoint", seal->endpoint);
  postseal_report_add_string (builder, "address", seal->address);
  postseal_report_add_string (builder, "protocol", postseal_protocol_name (seal->protocol));
  postseal_report_add_string (builder, "confidentiality", get_confidentiality (seal));
  json_builder_set_member_name (builder, "pinned");
  json_builder_add_boolean_value (builder, seal->voucher == POSTSEAL_VOUCHER_CA_PIN
                                               || seal->voucher == POSTSEAL_VOUCHER_DANE_PIN);
  postseal_report_add_string (builder, "dane", seal->dane);
  postseal_report_add_string (builder, "tls", seal->tls_version);
  postseal_report_add_string (builder, "cipher", seal->cipher);
  postseal_report_add_string (builder, "name", seal->name);
  postseal_report_add_string (builder, "issuer", seal->issuer);
  json_builder_set_member_name (builder, "not-after");
  if (seal->not_after != 0)
    json_builder_add_int_value (builder, seal->not_after);
  else
    json_builder_add_null_value (builder);
  postseal_report_add_string (builder, "spki", seal->spki);
  json_builder_set_member_name (builder, "resumed");
  json_builder_add_boolean_value (builder, seal->resumed);
  postseal_report_add_string (builder, "mechanism", seal->mechanism);
  postseal_report_add_string (builder, "dane-before", seal->dane_before);
  postseal_report_add_string (builder, "tls-before", seal->tls_before);
  postseal_report_add_string (builder, "key-change", seal->key_change);
  json_builder_end_object (builder);
}
