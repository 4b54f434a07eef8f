// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "kube/kubeconfig.h"
#include "support/tree.h"

#include <gtest/gtest.h>

#include <QTest>

#include <chrono>
#include <csignal>

namespace keelson::ui {

namespace {

constexpr int patienceMs = 20'000;

} // namespace

bool eventually(const std::function<bool()>& holds)
{
    return QTest::qWaitFor(holds, patienceMs);
}

LiveCluster::LiveCluster()
    : m_process(std::filesystem::path(support::binaryFolder()) / "bin" / "keelsond", m_folder.path()),
      m_isReady(m_process.waitReady())
{
    if (!m_isReady)
        return;
    const auto config = kube::Kubeconfig::load(kubeconfig());
    m_cluster = std::make_unique<Cluster>(*config->access(), realTime);
}

bool LiveCluster::restart()
{
    m_process.process().signal(SIGKILL); // told to end, it would take its addresses back
    m_process.process().wait(std::chrono::seconds{10});
    m_process = support::ControlPlaneProcess(std::filesystem::path(support::binaryFolder()) / "bin" / "keelsond",
                                             m_folder.path());
    return m_process.waitReady();
}

Result<kube::Response> LiveCluster::call(const QByteArray& method, const QString& path, const QByteArray& body,
                                         const QUrlQuery& query)
{
    kube::Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.query = query;
    Result<kube::Response> result = fail(Reason::Timeout, "no answer");
    bool isAnswered = false;
    QObject context;
    m_cluster->client().send(request, &context, [&](const Result<kube::Response>& answer) {
        result = answer;
        isAnswered = true;
    });
    eventually([&] { return isAnswered; });
    return result;
}

void LiveCluster::createApplication(const QString& name, int replicas)
{
    const auto deployment =
        QStringLiteral(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%1"},"spec":{"replicas":%2,
        "selector":{"matchLabels":{"app":"%1"}},"template":{"metadata":{"labels":{"app":"%1"}},
        "spec":{"containers":[{"name":"main","image":"busybox","ports":[{"containerPort":8080}]}]}}}})")
            .arg(name)
            .arg(replicas);
    const auto service = QStringLiteral(R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"%1"},
        "spec":{"selector":{"app":"%1"},"ports":[{"port":80,"targetPort":8080}]}})")
                             .arg(name);
    const auto made = call("POST", QStringLiteral("/apis/apps/v1/namespaces/default/deployments"), deployment.toUtf8());
    ASSERT_TRUE(made) << made.error().message;
    const auto served = call("POST", QStringLiteral("/api/v1/namespaces/default/services"), service.toUtf8());
    ASSERT_TRUE(served) << served.error().message;
}

} // namespace keelson::ui
