// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controllers/controller.h"

namespace keelson::controllers {

/// Makes the ServiceAccount `default` in each namespace.
std::unique_ptr<Controller> makeServiceAccountController(const Context& context);
/// Makes the ConfigMap kube-root-ca.crt in each namespace, with `Options::rootCaPem`.
std::unique_ptr<Controller> makeRootCaController(const Context& context);
/// Empties a namespace that is being deleted, of all kinds, then lets it go. Its conditions say what is left.
std::unique_ptr<Controller> makeNamespaceController(const Context& context);

} // namespace keelson::controllers
