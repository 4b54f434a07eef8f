// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "design/connect.h"
#include "design/palette.h"
#include "design/relations.h"
#include "design/sidecar.h"
#include "design/step_order.h"
#include "editor/manifest_session.h"

#include <QObject>
#include <QSet>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <set>

namespace keelson::ui {

using CardSet = std::set<design::CardId>;

/// The open manifests as cards with places, and everything that can be done to them on a canvas: each verb is an edit
/// of a text, or moves cards, and can be undone.
///
/// Threads: GUI thread; files with places are read and written on another.
class DesignModel : public QObject {
    Q_OBJECT
public:
    /// `dataFolder`: where the places of texts without a file are kept. `kinds` is asked whenever texts are read.
    DesignModel(ManifestSession& session, QString dataFolder, std::function<document::Kinds()> kinds,
                QObject* parent = nullptr);
    ~DesignModel() override; ///< Writes what is not written yet.

    const std::vector<design::Card>& cards() const { return m_list.cards(); }
    const std::vector<design::Relation>& relations() const { return m_relations; }
    const design::Places& places() const { return m_places; }
    const design::Card* find(design::CardId id) const { return m_list.find(id); }
    std::optional<std::size_t> indexOf(design::CardId id) const;
    document::Kinds kinds() const { return m_kinds(); }
    const std::string& defaultNameSpace() const { return m_nameSpace; }
    bool isEmpty() const;
    bool isSettled() const { return m_reading.isEmpty() && m_writing == 0 && !m_refresh.isActive(); }

    void setDefaultNameSpace(const std::string& nameSpace);
    void readAgain(); ///< Kinds have changed.
    /// Where new documents go; 0: a new manifest is made for them.
    void setTarget(quint64 manifest) { m_target = manifest; }
    /// Only this manifest is shown; 0: all.
    void setOnly(quint64 manifest);
    quint64 only() const { return m_only; }

    /// The new cards, at or near the place.
    CardSet add(const design::PaletteEntry& entry, design::Place at);
    CardSet addObjects(const std::vector<api::Value>& objects, design::Place at, const QString& label);
    /// The documents of a stream as they are. `BadRequest`: one cannot be read; nothing was added.
    Result<CardSet> addStream(const std::string& stream, design::Place at, const QString& label);
    /// The same, but names that are taken change.
    Result<CardSet> paste(const std::string& text, design::Place at, const QString& label);
    std::string copy(const CardSet& cards) const;
    Result<CardSet> duplicate(const CardSet& cards);
    void remove(const CardSet& cards);
    void move(const design::Places& places);
    void align(const CardSet& cards, design::Alignment alignment);
    void arrange(double aspect);
    Result<Done> connectCards(const design::Offer& offer);
    Result<Done> disconnectCards(const design::Relation& relation);
    Result<Done> edit(design::CardId card, const std::vector<document::Edit>& edits, const QString& label);

    bool canUndo() const { return m_order.canUndo(); }
    bool canRedo() const { return m_order.canRedo(); }
    void undo();
    void redo();
    void refresh();
    void refreshSoon() { m_refresh.start(); }

signals:
    void changed();       ///< Cards or relations.
    void placesChanged(); ///< Cards stand elsewhere.

private:
    Manifest* target();
    void follow(Manifest* manifest);
    void noteSteps();
    void replay(const design::DesignStep& step, bool isUndo);
    void placeCards();
    void setPlaces(design::Places places, bool isStep);
    CardSet addTexts(Manifest& manifest, const std::vector<std::string>& texts, design::Place at, const QString& label);
    QString fallbackFile(const Manifest& manifest) const;
    void readPlaces(Manifest* manifest);
    void keepPlaces(quint64 manifest);
    void writePlaces();

    ManifestSession& m_session;
    QString m_dataFolder;
    std::function<document::Kinds()> m_kinds;
    std::string m_nameSpace = "default";
    design::CardList m_list;
    std::vector<design::Relation> m_relations;
    design::Places m_places;
    std::map<quint64, design::NamedPlaces> m_remembered; ///< Read from files, and of cards that are gone.
    design::StepOrder m_order;
    QTimer m_refresh;
    QTimer m_writeTimer;
    QThreadPool m_disk;
    QSet<quint64> m_reading; ///< Whose places are being read: their cards wait for them.
    QSet<quint64> m_moved;   ///< Whose places the user chose; only these are written.
    QSet<quint64> m_toWrite;
    quint64 m_target = 0;
    quint64 m_only = 0;
    int m_writing = 0;
};

} // namespace keelson::ui
