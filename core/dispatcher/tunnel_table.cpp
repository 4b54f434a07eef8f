// SPDX-License-Identifier: Apache-2.0
#include "dispatcher/tunnel_table.h"

#include <fmt/format.h>

#include <vector>

namespace keelson::dispatcher {

/// The API server's handle of one tunnel.
class TableTunnel : public client::PodStream {
public:
    TableTunnel(std::shared_ptr<TunnelTable> table, std::shared_ptr<Session> session, std::int64_t id)
        : m_table(std::move(table)), m_session(std::move(session)), m_id(id)
    {
    }

    ~TableTunnel() override
    {
        if (!m_table->take(m_id).session)
            return; // it has ended already
        auto message = data(wire::TunnelData::OUTPUT);
        message.mutable_tunnel_data()->set_end(true);
        m_session->send(std::move(message));
    }

    void write(std::string bytes) override
    {
        auto message = data(wire::TunnelData::INPUT);
        message.mutable_tunnel_data()->set_data(std::move(bytes));
        m_session->send(std::move(message));
    }
    void closeInput() override
    {
        auto message = data(wire::TunnelData::INPUT);
        message.mutable_tunnel_data()->set_end(true);
        m_session->send(std::move(message));
    }
    void resize(int columns, int rows) override
    {
        auto message = data(wire::TunnelData::RESIZE);
        message.mutable_tunnel_data()->set_data(fmt::format("{}x{}", columns, rows));
        m_session->send(std::move(message));
    }
    void grant(std::size_t bytes) override
    {
        auto message = data(wire::TunnelData::OUTPUT);
        message.mutable_tunnel_data()->set_credit(static_cast<std::int32_t>(bytes));
        m_session->send(std::move(message));
    }

private:
    wire::ToAgent data(wire::TunnelData::Channel channel) const
    {
        wire::ToAgent message;
        message.mutable_tunnel_data()->set_id(m_id);
        message.mutable_tunnel_data()->set_channel(channel);
        return message;
    }

    std::shared_ptr<TunnelTable> m_table;
    std::shared_ptr<Session> m_session;
    std::int64_t m_id;
};

std::unique_ptr<client::PodStream> TunnelTable::open(const std::shared_ptr<Session>& session, wire::OpenTunnel open,
                                                     std::shared_ptr<client::PodStreamSink> sink)
{
    const auto id = ++m_lastId;
    open.set_id(id);
    {
        const std::scoped_lock lock(m_mutex);
        m_entries[id] = {.session = session, .sink = std::move(sink)};
    }
    wire::ToAgent message;
    *message.mutable_open_tunnel() = std::move(open);
    session->send(std::move(message));
    return std::make_unique<TableTunnel>(shared_from_this(), session, id);
}

TunnelTable::Entry TunnelTable::take(std::int64_t id)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end())
        return {};
    auto entry = std::move(found->second);
    m_entries.erase(found);
    return entry;
}

void TunnelTable::received(const std::shared_ptr<Session>& session, wire::TunnelData data)
{
    std::shared_ptr<client::PodStreamSink> sink;
    {
        const std::scoped_lock lock(m_mutex);
        const auto found = m_entries.find(data.id());
        if (found == m_entries.end() || found->second.session != session)
            return; // closed meanwhile, or not this node's
        sink = found->second.sink;
    }
    if (data.credit() > 0)
        sink->taken(static_cast<std::size_t>(data.credit()));
    if (!data.data().empty())
        sink->data(data.channel() == wire::TunnelData::ERROR ? client::PodChannel::Error : client::PodChannel::Output,
                   std::move(*data.mutable_data()));
    if (!data.end() || !take(data.id()).sink)
        return;
    if (data.failure().empty())
        sink->ended(data.exit_code());
    else
        sink->ended(fail(reasonFromName(data.failure_reason()), data.failure()));
}

void TunnelTable::closed(const std::shared_ptr<Session>& session)
{
    std::vector<std::shared_ptr<client::PodStreamSink>> sinks;
    {
        const std::scoped_lock lock(m_mutex);
        std::erase_if(m_entries, [&](const auto& each) {
            if (each.second.session != session)
                return false;
            sinks.push_back(each.second.sink);
            return true;
        });
    }
    for (const auto& sink : sinks)
        sink->ended(
            fail(Reason::ServiceUnavailable, fmt::format("node {} is not connected any more", session->node())));
}

} // namespace keelson::dispatcher
