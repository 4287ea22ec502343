/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "claws/password-fixture.h"

namespace postseal_test
{

/* A host that is used like a person does, by way of what screen readers see: only in
   with-desktop --assistive. */
class DrivenTest : public PasswordTest
{
protected:
  /* Steps of the program "drive", which says what there are. Throws what is wrong, and so ends the
     test. */
  void drive (const std::vector<std::string> &steps);
  /* The page of the plugin in the dialog of the current account, and then @steps. */
  void in_account (const std::vector<std::string> &steps);
  /* The plugin's own file. */
  std::string
  bindings () const
  {
    return read_file (path (".claws-mail/postsealrc"));
  }
};

} // namespace postseal_test
