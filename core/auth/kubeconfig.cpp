// SPDX-License-Identifier: Apache-2.0
#include "auth/kubeconfig.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace keelson::auth {
namespace {

std::string base64(const std::string& bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

/// A YAML scalar in single quotes: any text without line breaks.
std::string quoted(const std::string& text)
{
    std::string result = "'";
    for (const char letter : text) {
        if (letter == '\'')
            result += '\'';
        if (letter != '\n' && letter != '\r')
            result += letter;
    }
    return result + "'";
}

} // namespace

std::string kubeconfigText(const Kubeconfig& kubeconfig)
{
    const auto cluster = quoted(kubeconfig.cluster);
    const auto user = quoted(kubeconfig.user);
    const auto context = quoted(fmt::format("{}@{}", kubeconfig.user, kubeconfig.cluster));
    std::string text = "apiVersion: v1\nkind: Config\n";
    text += fmt::format("clusters:\n- name: {}\n  cluster:\n    server: {}\n    certificate-authority-data: {}\n",
                        cluster, quoted(kubeconfig.server), base64(kubeconfig.authority));
    text += fmt::format("users:\n- name: {}\n  user:\n    client-certificate-data: {}\n    client-key-data: {}\n", user,
                        base64(kubeconfig.identity.certificate), base64(kubeconfig.identity.key));
    text += fmt::format("contexts:\n- name: {}\n  context:\n    cluster: {}\n    user: {}\n", context, cluster, user);
    if (!kubeconfig.nameSpace.empty())
        text += fmt::format("    namespace: {}\n", quoted(kubeconfig.nameSpace));
    return text + fmt::format("current-context: {}\n", context);
}

} // namespace keelson::auth
