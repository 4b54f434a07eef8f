// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include <QFile>
#include <QTemporaryDir>

namespace keelson::kube {
namespace {

const QByteArray twoClusters = R"(
apiVersion: v1
kind: Config
current-context: shop
clusters:
- name: a
  cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: Y2E=, tls-server-name: api}
- name: b
  cluster: {server: "https://b.example/k8s/", insecure-skip-tls-verify: true}
users:
- name: cert
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
- name: token
  user: {tokenFile: token.txt}
- name: cloud
  user: {exec: {command: aws, apiVersion: client.authentication.k8s.io/v1}}
- name: half
  user: {client-certificate-data: Y2VydA==}
contexts:
- name: shop
  context: {cluster: a, user: cert, namespace: shop}
- name: files
  context: {cluster: b, user: token}
- name: cloud
  context: {cluster: b, user: cloud}
- name: half
  context: {cluster: b, user: half}
- name: lost
  context: {cluster: gone, user: cert}
)";

TEST(Kubeconfig, resolvesTheCurrentContext)
{
    const auto config = Kubeconfig::parse(twoClusters, {});
    ASSERT_TRUE(config);
    EXPECT_EQ(config->contexts().size(), 5);
    const auto access = config->access();
    ASSERT_TRUE(access) << access.error().message;
    EXPECT_EQ(access->server.toString().toStdString(), "https://10.0.0.1:6443");
    EXPECT_EQ(access->nameSpace.toStdString(), "shop");
    EXPECT_EQ(access->caPem.toStdString(), "ca");
    EXPECT_EQ(access->certificatePem.toStdString(), "cert");
    EXPECT_EQ(access->keyPem.toStdString(), "key");
    EXPECT_EQ(access->tlsServerName.toStdString(), "api");
    EXPECT_FALSE(access->insecure);
}

TEST(Kubeconfig, readsFilesRelativeToItself)
{
    QTemporaryDir folder;
    QFile token(folder.filePath(QStringLiteral("token.txt")));
    ASSERT_TRUE(token.open(QIODevice::WriteOnly));
    token.write("secret\n");
    token.close();
    const auto access = Kubeconfig::parse(twoClusters, folder.path())->access(QStringLiteral("files"));
    ASSERT_TRUE(access) << access.error().message;
    EXPECT_EQ(access->token.toStdString(), "secret");
    EXPECT_TRUE(access->insecure);
    EXPECT_EQ(access->nameSpace.toStdString(), "default");
}

TEST(Kubeconfig, saysWhatIsWrong)
{
    const struct {
        const char* context;
        const char* words;
    } cases[] = {
        {"cloud", "signs in with the program \"aws\""},
        {"half", "without its key"},
        {"lost", "names the cluster \"gone\""},
        {"nowhere", "has no context \"nowhere\""},
    };
    const auto config = Kubeconfig::parse(twoClusters, {});
    for (const auto& entry : cases) {
        const auto access = config->access(QLatin1String(entry.context));
        ASSERT_FALSE(access) << entry.context;
        EXPECT_NE(access.error().message.find(entry.words), std::string::npos) << access.error().message;
    }
    EXPECT_FALSE(Kubeconfig::parse("just words", {}));
    EXPECT_FALSE(Kubeconfig::parse("{}", {}));
    EXPECT_FALSE(Kubeconfig::load(QStringLiteral("/does/not/exist")));
}

} // namespace
} // namespace keelson::kube
