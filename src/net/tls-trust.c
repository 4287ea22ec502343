/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/tls-trust-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "net/net-error.h"

/* Where GnuTLS finds the system's authorities on most distributions; only looked at for changes. */
#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define LONGEST_KEPT_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  char *stamp; /* owned: changes when a file does */
  gint64 loaded_us;
  PostsealTlsTrust *trust; /* owned */
} KeptTrust;

static GMutex kept_mutex;
static GHashTable *kept; /* owned char * of file names -> owned KeptTrust; with kept_mutex held */

static void
clear_trust (gpointer data)
{
  PostsealTlsTrust *self = data;

  gnutls_x509_trust_list_deinit (self->list, 1);
  g_mutex_clear (&self->mutex);
}

void
postseal_tls_trust_unref (PostsealTlsTrust *self)
{
  g_atomic_rc_box_release_full (self, clear_trust);
}

static void
free_kept (gpointer data)
{
  KeptTrust *self = data;

  g_free (self->stamp);
  postseal_tls_trust_unref (self->trust);
  g_free (self);
}

/* Names, sizes and times of change, so that an edited file is read again. */
static void
add_stamp (GString *stamp, const char *path)
{
  GStatBuf info;

  if (path == NULL)
    return;
  if (g_stat (path, &info) == 0)
    g_string_append_printf (stamp, "%s;%" G_GINT64_FORMAT ".%09ld;%" G_GINT64_FORMAT ";%lu;", path,
                            (gint64)info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (gint64)info.st_size,
                            (gulong)info.st_ino);
}

static char *
make_stamp (const PostsealTlsPolicy *policy)
{
  g_autoptr (GString) stamp = g_string_new (NULL);

  add_stamp (stamp, policy->ca_file != NULL ? policy->ca_file : SYSTEM_BUNDLE);
  add_stamp (stamp, policy->crl_file);
  return g_string_free (g_steal_pointer (&stamp), FALSE);
}

/* The content of @path as GnuTLS wants it; it borrows from @ret_content. */
static gboolean
read_pem (const char *path, char **ret_content, gnutls_datum_t *ret_datum, GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, ret_content, &length, &local))
    {
      g_set_error_literal (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS, local->message);
      return FALSE;
    }
  ret_datum->data = (unsigned char *)*ret_content;
  ret_datum->size = (unsigned)MIN (length, G_MAXINT);
  return TRUE;
}

static gboolean
add_authorities (gnutls_x509_trust_list_t list, const char *ca_file, GError **error)
{
  g_autofree char *content = NULL;
  gnutls_datum_t pem = { NULL, 0 };
  int count = 0;

  if (ca_file == NULL)
    {
      count = gnutls_x509_trust_list_add_system_trust (list, 0, 0);
      if (count <= 0)
        g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                     _ ("The system has no trusted certificate authorities; install the package "
                        "ca-certificates, or name a “ca-file”"));
      return count > 0;
    }
  if (!read_pem (ca_file, &content, &pem, error))
    return FALSE;
  count = gnutls_x509_trust_list_add_trust_mem (list, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
  if (count <= 0)
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                 _ ("“ca-file” %s holds no readable certificate (PEM is expected)"), ca_file);
  return count > 0;
}

static gboolean
add_revocations (gnutls_x509_trust_list_t list, const char *crl_file, GError **error)
{
  g_autofree char *content = NULL;
  gnutls_datum_t pem = { NULL, 0 };
  int count = 0;

  if (!read_pem (crl_file, &content, &pem, error))
    return FALSE;
  count = gnutls_x509_trust_list_add_trust_mem (
      list, NULL, &pem, GNUTLS_X509_FMT_PEM, GNUTLS_TL_VERIFY_CRL | GNUTLS_TL_FAIL_ON_INVALID_CRL,
      GNUTLS_PROFILE_TO_VFLAGS (GNUTLS_PROFILE_MEDIUM));
  if (count <= 0)
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                 _ ("“crl-file” %s holds no revocation list (PEM) that one of the trusted "
                    "authorities has signed"),
                 crl_file);
  return count > 0;
}

static PostsealTlsTrust *
load_trust (const PostsealTlsPolicy *policy, GError **error)
{
  g_autoptr (PostsealTlsTrust) self = g_atomic_rc_box_new0 (PostsealTlsTrust);

  g_mutex_init (&self->mutex);
  if (gnutls_x509_trust_list_init (&self->list, 0) < 0)
    g_error ("no memory for a trust list");
  if (!add_authorities (self->list, policy->ca_file, error))
    return NULL;
  if (policy->crl_file != NULL && !add_revocations (self->list, policy->crl_file, error))
    return NULL;
  return g_steal_pointer (&self);
}

PostsealTlsTrust *
postseal_tls_trust_load (const char *ca_file, GError **error)
{
  g_autoptr (PostsealTlsPolicy) policy = postseal_tls_policy_new (POSTSEAL_TLS_ENFORCED);

  policy->ca_file = g_strdup (ca_file);
  return load_trust (policy, error);
}

gboolean
postseal_tls_trust_add (PostsealTlsTrust *self, const char *ca_file, GError **error)
{
  return add_authorities (self->list, ca_file, error);
}

gnutls_x509_trust_list_t
postseal_tls_trust_get_list (PostsealTlsTrust *self)
{
  return self->list;
}

/* From memory while the files are as they were. */
static PostsealTlsTrust *
find_trust (const PostsealTlsPolicy *policy, GError **error)
{
  g_autofree char *key = g_strconcat (policy->ca_file != NULL ? policy->ca_file : "", "\n",
                                      policy->crl_file != NULL ? policy->crl_file : "", NULL);
  g_autofree char *stamp = make_stamp (policy);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&kept_mutex);
  PostsealTlsTrust *trust = NULL;
  KeptTrust *found = NULL;

  if (kept == NULL)
    kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_kept);
  found = g_hash_table_lookup (kept, key);
  if (found != NULL && g_str_equal (found->stamp, stamp)
      && g_get_monotonic_time () - found->loaded_us < LONGEST_KEPT_US)
    return g_atomic_rc_box_acquire (found->trust);

  trust = load_trust (policy, error);
  if (trust == NULL)
    return NULL;
  found = g_new0 (KeptTrust, 1);
  found->stamp = g_steal_pointer (&stamp);
  found->loaded_us = g_get_monotonic_time ();
  found->trust = g_atomic_rc_box_acquire (trust);
  g_hash_table_insert (kept, g_steal_pointer (&key), found);
  return trust;
}

static gboolean
load_client_certificate (gnutls_certificate_credentials_t credentials,
                         const PostsealTlsPolicy *policy,
                         GError **error)
{
  const char *key = policy->client_key != NULL ? policy->client_key : policy->client_certificate;
  int result = 0;

  if (policy->client_certificate == NULL)
    return TRUE;
  result = gnutls_certificate_set_x509_key_file2 (credentials, policy->client_certificate, key,
                                                  GNUTLS_X509_FMT_PEM, NULL, 0);
  if (result < 0)
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_SETTINGS,
                 _ ("The client certificate %s with the key %s cannot be used: %s"),
                 policy->client_certificate, key, gnutls_strerror (result));
  return result >= 0;
}

PostsealTlsMaterial *
_postseal_tls_material_load (const PostsealTlsPolicy *policy, GError **error)
{
  g_autoptr (PostsealTlsMaterial) self = g_atomic_rc_box_new0 (PostsealTlsMaterial);

  self->trust = find_trust (policy, error);
  if (self->trust == NULL)
    return NULL;
  if (gnutls_certificate_allocate_credentials (&self->credentials) < 0)
    g_error ("no memory for credentials");
  if (!load_client_certificate (self->credentials, policy, error))
    return NULL;
  return g_steal_pointer (&self);
}

PostsealTlsMaterial *
_postseal_tls_material_ref (PostsealTlsMaterial *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_material (gpointer data)
{
  PostsealTlsMaterial *self = data;

  g_clear_pointer (&self->trust, postseal_tls_trust_unref);
  g_clear_pointer (&self->credentials, gnutls_certificate_free_credentials);
}

void
_postseal_tls_material_unref (PostsealTlsMaterial *self)
{
  g_atomic_rc_box_release_full (self, clear_material);
}

static void
load_in_thread (GTask *task, gpointer source, gpointer policy, GCancellable *cancellable)
{
  GError *error = NULL;
  PostsealTlsMaterial *material = _postseal_tls_material_load (policy, &error);

  if (material != NULL)
    g_task_return_pointer (task, material, (GDestroyNotify)_postseal_tls_material_unref);
  else
    g_task_return_error (task, error);
}

void
_postseal_tls_material_load_async (PostsealTlsPolicy *policy,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, _postseal_tls_material_load_async);
  g_task_set_task_data (task, postseal_tls_policy_ref (policy),
                        (GDestroyNotify)postseal_tls_policy_unref);
  g_task_set_return_on_cancel (task, TRUE); /* a smart card may never answer */
  g_task_run_in_thread (task, load_in_thread);
}

PostsealTlsMaterial *
_postseal_tls_material_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
