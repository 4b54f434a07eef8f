// SPDX-License-Identifier: Apache-2.0
#include "ui/live_cluster.h"

#include "kube/list_watch.h"
#include "models/read.h"

#include <gtest/gtest.h>

#include <QElapsedTimer>
#include <QTcpServer>
#include <QTcpSocket>

namespace keelson::ui {
namespace {

/// A way to the server that can fall silent: nothing is closed, nothing gets through.
class Proxy : public QTcpServer {
public:
    explicit Proxy(quint16 port) : m_port(port)
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (auto* client = nextPendingConnection())
                forward(*client);
        });
    }
    void silenceAll() { m_isSilent = true; }
    void silenceThoseThatAreOpen() { m_silent = m_opened; }
    void speak() { m_isSilent = false; }

private:
    void forward(QTcpSocket& client)
    {
        auto* server = new QTcpSocket(&client);
        server->connectToHost(QHostAddress::LocalHost, m_port);
        const auto pass = [this, number = ++m_opened](QTcpSocket* from, QTcpSocket* to) {
            connect(from, &QTcpSocket::readyRead, to, [this, number, from, to] {
                const auto bytes = from->readAll();
                if (!m_isSilent && number > m_silent)
                    to->write(bytes);
            });
        };
        pass(&client, server);
        pass(server, &client);
        connect(&client, &QTcpSocket::disconnected, &client, &QObject::deleteLater);
    }

    quint16 m_port;
    bool m_isSilent = false;
    int m_opened = 0;
    int m_silent = 0; ///< Connections up to this one are.
};

/// What a watch tells. The test has no other thread.
class Told : public kube::WatchSink {
public:
    void listBegins() override { ++lists; }
    void listed(const api::Value&) override {}
    void listEnds() override { isListed = true; }
    void changed(const api::Value& object, bool) override { names << textAt(object, {"metadata", "name"}); }
    void resumed() override { error.clear(); }
    void failed(const Error& what) override { error = what.message; }

    int lists = 0;
    bool isListed = false;
    QStringList names;
    std::string error;
};

class Watch : public testing::Test {
protected:
    static void SetUpTestSuite() { s_live = new LiveCluster; }
    static void TearDownTestSuite()
    {
        delete s_live;
        s_live = nullptr;
    }
    void SetUp() override
    {
        ASSERT_TRUE(s_live->ready()) << s_live->log();
        auto access = s_live->cluster().client().access();
        m_proxy = std::make_unique<Proxy>(static_cast<quint16>(access.server.port()));
        access.server.setPort(m_proxy->serverPort());
        kube::WatchTarget target;
        target.path = QStringLiteral("/api/v1/namespaces/default/configmaps");
        target.watchSeconds = 1;
        m_watch = std::make_unique<kube::ListWatch>(std::make_shared<kube::Endpoint>(access), target, m_told);
        m_watch->start();
        ASSERT_TRUE(eventually([&] { return m_told->isListed; })) << m_told->error;
    }
    void make(const char* name)
    {
        ASSERT_TRUE(s_live->call("POST", QStringLiteral("/api/v1/namespaces/default/configmaps"),
                                 QStringLiteral(R"({"metadata":{"name":"%1"}})").arg(QLatin1String(name)).toUtf8()));
    }
    bool hears(const char* name)
    {
        return eventually([&] { return m_told->names.contains(QLatin1String(name)); });
    }

    std::unique_ptr<Proxy> m_proxy;
    std::shared_ptr<Told> m_told = std::make_shared<Told>();
    std::unique_ptr<kube::ListWatch> m_watch;
    static LiveCluster* s_live;
};

LiveCluster* Watch::s_live = nullptr;

TEST_F(Watch, goesOnWhenTheServerEndsIt)
{
    make("before");
    EXPECT_TRUE(hears("before"));
    QElapsedTimer clock;
    clock.start();
    ASSERT_TRUE(eventually([&] { return clock.elapsed() > 2'500; })); // two watches later
    make("after");
    EXPECT_TRUE(hears("after"));
    EXPECT_EQ(m_told->error, "");
    EXPECT_EQ(m_told->lists, 1) << "it knows where it was";
}

TEST_F(Watch, noticesThatItsConnectionIsDead)
{
    m_proxy->silenceThoseThatAreOpen();
    make("unheard");
    EXPECT_TRUE(hears("unheard")) << m_told->error;
    EXPECT_TRUE(eventually([&] { return m_told->error.empty(); })) << m_told->error;
    EXPECT_EQ(m_told->lists, 1);
}

TEST_F(Watch, saysThatTheServerHasFallenSilent)
{
    m_proxy->silenceAll();
    ASSERT_TRUE(eventually([&] { return !m_told->error.empty(); }));
    EXPECT_NE(m_told->error.find("has fallen silent"), std::string::npos) << m_told->error;
    m_proxy->speak();
    make("again");
    EXPECT_TRUE(hears("again")) << m_told->error;
    EXPECT_EQ(m_told->error, "");
}

} // namespace
} // namespace keelson::ui
