// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "auth/certificate_authority.h"

#include <string>

namespace keelson::auth {

/// What a kubeconfig file says: one cluster, one user, one context that joins them.
struct Kubeconfig {
    std::string cluster = "keelson";
    std::string server;    ///< "https://127.0.0.1:6443"
    std::string authority; ///< PEM
    std::string user;      ///< Name of the entry: "admin".
    KeyPair identity;      ///< The client certificate.
    std::string nameSpace; ///< Of the context; empty: default.
};

/// The file's text (YAML), everything embedded: it works from any place. Holds a private key: write it with
/// `writePrivateFile`.
std::string kubeconfigText(const Kubeconfig& kubeconfig);

} // namespace keelson::auth
