// SPDX-License-Identifier: Apache-2.0
#include "apiserver/connection_exchange.h"

#include <utility>

namespace keelson::apiserver {
namespace {

/// A raw upgrade as its owner sees it.
class RawTunnel : public Tunnel {
public:
    explicit RawTunnel(std::shared_ptr<ConnectionPort> connection) : m_connection(std::move(connection)) {}
    void send(std::string message) override
    {
        m_connection->post([connection = m_connection, message = std::move(message)]() mutable {
            connection->tunnelSend(std::move(message));
        });
    }
    void receiveNext() override
    {
        m_connection->post([connection = m_connection] { connection->tunnelReceive(); });
    }
    void close() override
    {
        m_connection->post([connection = m_connection] { connection->tunnelClose(); });
    }

private:
    std::shared_ptr<ConnectionPort> m_connection;
};

class ConnectionBody : public RequestBody {
public:
    explicit ConnectionBody(std::shared_ptr<ConnectionPort> connection) : m_connection(std::move(connection)) {}
    void bodyNext() override
    {
        m_connection->post([connection = m_connection] { connection->bodyNext(); });
    }

private:
    const std::shared_ptr<ConnectionPort> m_connection;
};

class ConnectionExchange : public Exchange {
public:
    ConnectionExchange(std::shared_ptr<ConnectionPort> connection, Request request)
        : m_connection(std::move(connection)), m_request(std::move(request))
    {
    }
    ~ConnectionExchange() override
    {
        if (m_connection)
            respond(Response::text(500, "text/plain", "the request was dropped\n"));
    }

    Request& request() override { return m_request; }

    std::shared_ptr<RequestBody> watch(std::shared_ptr<RequestEvents> events) override
    {
        // Before whatever answers: that may be done at once, when this is the lane's own thread.
        if (m_connection->here())
            m_connection->watchRequest(std::move(events));
        else
            m_connection->post([connection = m_connection, events = std::move(events)]() mutable {
                connection->watchRequest(std::move(events));
            });
        return std::make_shared<ConnectionBody>(m_connection);
    }

    void respond(Response response) override
    {
        onLane([response = std::move(response)](ConnectionPort& connection) mutable {
            connection.answer(std::move(response));
        });
    }

    std::shared_ptr<ResponseStream> stream(Response response, std::shared_ptr<StreamEvents> events,
                                           std::size_t queueBytesMax) override
    {
        auto wake = [connection = m_connection] { connection->pumpSoon(); };
        auto queue = std::make_shared<StreamQueue>(std::move(wake), queueBytesMax);
        laterOnLane(
            [response = std::move(response), events = std::move(events), queue](ConnectionPort& connection) mutable {
                connection.beginStream(response, std::move(queue), std::move(events));
            });
        return queue;
    }

    void upgradeToWebSocket(std::string protocol, std::shared_ptr<TunnelEvents> events) override
    {
        laterOnLane([protocol = std::move(protocol), events = std::move(events)](ConnectionPort& connection) mutable {
            connection.beginWebSocket(std::move(protocol), std::move(events));
        });
    }

    void upgradeToBytes(Headers headers, std::shared_ptr<TunnelEvents> events) override
    {
        laterOnLane([headers = std::move(headers), events = std::move(events)](ConnectionPort& connection) mutable {
            connection.beginBytes(headers, std::move(events));
        });
    }

private:
    /// At once when this is the lane's own thread.
    template <typename Work>
    void onLane(Work work)
    {
        auto connection = std::exchange(m_connection, nullptr);
        if (connection && connection->here())
            work(*connection);
        else if (connection)
            connection->post([connection, work = std::move(work)]() mutable { work(*connection); });
    }

    /// Later in any case: what is told to `events` must not come before the caller has got its answer.
    template <typename Work>
    void laterOnLane(Work work)
    {
        if (auto connection = std::exchange(m_connection, nullptr))
            connection->post([connection, work = std::move(work)]() mutable { work(*connection); });
    }

    std::shared_ptr<ConnectionPort> m_connection; ///< Null once answered.
    Request m_request;
};

} // namespace

std::shared_ptr<Exchange> makeExchange(std::shared_ptr<ConnectionPort> connection, Request request)
{
    return std::make_shared<ConnectionExchange>(std::move(connection), std::move(request));
}

std::shared_ptr<Tunnel> makeTunnel(std::shared_ptr<ConnectionPort> connection)
{
    return std::make_shared<RawTunnel>(std::move(connection));
}

} // namespace keelson::apiserver
