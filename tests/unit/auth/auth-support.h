/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <functional>
#include <string>

#include <gio/gio.h>

#include "auth/authenticator.h"
#include "net/sealed-link-private.h"

/* What the fake link says of itself; set before the mechanism is made. */
struct FakeTls
{
  static inline std::string binding;
  static inline const char *binding_type = "tls-exporter";
  static inline gboolean has_certificate = FALSE;

  static GBytes *
  get_binding (GIOStream *, const char **ret_type)
  {
    if (binding.empty ())
      return nullptr;
    *ret_type = binding_type;
    return g_bytes_new (binding.data (), binding.size ());
  }
  static gboolean
  get_certificate (GIOStream *)
  {
    return has_certificate;
  }
  static void
  reset ()
  {
    binding.clear ();
    binding_type = "tls-exporter";
    has_certificate = FALSE;
  }
};

/* A sealed link without a network. */
inline PostsealSealedLink *
make_link (PostsealVoucher voucher = POSTSEAL_VOUCHER_CA, const char *host = "imap.example.org")
{
  static const PostsealSealedLinkTls tls = { FakeTls::get_binding, FakeTls::get_certificate };
  g_autoptr (GInputStream) input = g_memory_input_stream_new ();
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (input, output);
  g_autoptr (PostsealEndpoint) endpoint
      = postseal_endpoint_new (POSTSEAL_PROTOCOL_IMAP, POSTSEAL_TLS_START_UPGRADE, host, 143);
  g_autoptr (PostsealSeal) seal = postseal_seal_new ();

  seal->voucher = voucher;
  return _postseal_sealed_link_new (stream, endpoint, seal, &tls, TRUE);
}

/* Runs the loop until one callback has come; keeps its result. */
struct Waiter
{
  GAsyncResult *result = nullptr;

  static void
  on_done (GObject *, GAsyncResult *result, gpointer user_data)
  {
    static_cast<Waiter *> (user_data)->result = G_ASYNC_RESULT (g_object_ref (result));
  }
  GAsyncResult *
  wait ()
  {
    while (result == nullptr)
      g_main_context_iteration (nullptr, TRUE);
    return result;
  }
  ~Waiter () { g_clear_object (&result); }
};

inline std::string
take_string (PostsealCredential *credential)
{
  if (credential == nullptr)
    return "(null)";
  std::string text (postseal_credential_get (credential),
                    postseal_credential_get_length (credential));
  postseal_credential_unref (credential);
  return text;
}

inline GBytes *
to_bytes (const std::string &text)
{
  return g_bytes_new (text.data (), text.size ());
}

/* One step; "(null)" and @error on failure. */
inline std::string
step (PostsealSasl *sasl, const char *challenge, GError **error = nullptr)
{
  Waiter waiter;
  g_autoptr (GBytes) bytes = challenge == nullptr ? nullptr : to_bytes (challenge);

  postseal_sasl_step_async (sasl, bytes, nullptr, Waiter::on_done, &waiter);
  return take_string (postseal_sasl_step_finish (sasl, waiter.wait (), error));
}
