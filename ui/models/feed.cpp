// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/feed.h"

#include "kube/api_client.h"

#include <QMutex>
#include <QPointer>

#include <deque>

namespace keelson::ui {

namespace {

constexpr int frameMs = 16;
constexpr int notesPerFrameMax = 1'000;

struct Note {
    enum class What { ListBegins, Item, Removed, ListEnds, Resumed } what;
    ItemPtr item;
    SteadyTime heardAt;
};

} // namespace

/// Where the network thread leaves what it heard. Shared by both threads; guarded by its mutex.
class FeedInbox : public kube::WatchSink {
public:
    FeedInbox(const KindInfo& kind, const Clock& clock, Feed* feed) : m_kind(kind), m_clock(clock), m_feed(feed) {}

    void listBegins() override { add({{Note::What::ListBegins, nullptr, m_clock.steady()}}); }
    void listEnds() override { add({{Note::What::ListEnds, nullptr, m_clock.steady()}}); }
    void resumed() override { add({{Note::What::Resumed, nullptr, m_clock.steady()}}); }
    void listed(const api::Value& page) override { addItems(page, Note::What::Item); }
    void changed(const api::Value& object, bool removed) override
    {
        addItems(object, removed ? Note::What::Removed : Note::What::Item);
    }
    void failed(const Error& error) override
    {
        const QMutexLocker lock(&m_mutex);
        m_error = error;
        wake();
    }

    void detach()
    {
        const QMutexLocker lock(&m_mutex);
        m_feed = nullptr;
    }
    /// Up to `most` notes and the last error; GUI thread. `more`: there are further notes.
    std::deque<Note> take(std::size_t most, std::optional<Error>& error, bool& more)
    {
        const QMutexLocker lock(&m_mutex);
        error = std::exchange(m_error, std::nullopt);
        std::deque<Note> taken;
        while (!m_notes.empty() && taken.size() < most) {
            taken.push_back(std::move(m_notes.front()));
            m_notes.pop_front();
        }
        more = !m_notes.empty();
        m_isWoken = more;
        return taken;
    }

    QTimer* timer = nullptr; ///< Of the GUI thread; started there.

private:
    void addItems(const api::Value& document, Note::What what)
    {
        const auto heard = m_clock.steady();
        std::deque<Note> notes;
        for (const auto& item : projectPage(m_kind, document))
            notes.push_back({what, item, heard});
        add(std::move(notes));
    }

    void add(std::deque<Note> notes)
    {
        const QMutexLocker lock(&m_mutex);
        for (auto& note : notes)
            m_notes.push_back(std::move(note));
        wake();
    }

    void wake()
    {
        if (m_isWoken || !m_feed)
            return;
        m_isWoken = true;
        QMetaObject::invokeMethod(m_feed, [timer = timer] { timer->start(); }, Qt::QueuedConnection);
    }

    const KindInfo& m_kind;
    const Clock& m_clock;
    QMutex m_mutex;
    Feed* m_feed;
    std::deque<Note> m_notes;
    std::optional<Error> m_error;
    bool m_isWoken = false;
};

Feed::Feed(kube::ApiClient& client, ObjectStore& store, const Clock& clock, const QString& nameSpace, QObject* parent)
    : QObject(parent), m_store(store), m_clock(clock), m_inbox(std::make_shared<FeedInbox>(store.kind(), clock, this))
{
    m_frame.setSingleShot(true);
    m_frame.setInterval(frameMs);
    connect(&m_frame, &QTimer::timeout, this, &Feed::drain);
    m_inbox->timer = &m_frame;

    kube::WatchTarget target;
    target.path = store.kind().path(nameSpace);
    if (store.kind().asTable)
        target.accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    m_watch = new kube::ListWatch(client.endpoint(), target, m_inbox);
    m_watch->moveToThread(client.networkThread());
    connect(client.networkThread(), &QThread::finished, m_watch, &QObject::deleteLater);
    store.setState(ObjectStore::State::Loading);
    QMetaObject::invokeMethod(m_watch, [watch = m_watch] { watch->start(); });
}

Feed::~Feed()
{
    m_inbox->detach();
    m_watch->deleteLater();
}

void Feed::drain()
{
    std::optional<Error> error;
    bool more = false;
    const auto notes = m_inbox->take(notesPerFrameMax, error, more);
    QVector<std::pair<QString, ItemPtr>> heard;
    bool ended = false;
    for (const auto& note : notes) {
        switch (note.what) {
        case Note::What::ListBegins:
            m_seen.clear();
            m_listing = true;
            break;
        case Note::What::Item:
            if (m_listing)
                m_seen.insert(note.item->uid);
            heard.push_back({note.item->uid, note.item});
            break;
        case Note::What::Removed:
            heard.push_back({note.item->uid, nullptr});
            break;
        case Note::What::ListEnds:
            for (auto it = m_store.items().cbegin(); it != m_store.items().cend(); ++it)
                if (!m_seen.contains(it.key()))
                    heard.push_back({it.key(), nullptr});
            m_listing = false;
            m_seen.clear();
            ended = true;
            break;
        case Note::What::Resumed: // whatever it is about, that it came says that all is well again
            break;
        }
    }
    if (!notes.empty())
        m_lagMs = std::chrono::floor<Milliseconds>(m_clock.steady() - notes.front().heardAt).count();
    m_store.apply(heard);
    if (ended) {
        m_store.setProblem(std::nullopt);
        m_store.setState(ObjectStore::State::Live);
    }
    if (error) {
        if (error->reason == Reason::Forbidden)
            emit forbidden(*error);
        m_store.setProblem(error);
    } else if (!notes.empty() && m_store.state() == ObjectStore::State::Live) {
        m_store.setProblem(std::nullopt);
    }
    if (more)
        m_frame.start();
}

} // namespace keelson::ui
