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
/// of a text, or moves or groups cards, and can be undone.
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
    const design::Places& places() const { return m_now.places; }
    const design::Groups& groups() const { return m_now.groups; }
    /// The name of the card's group; empty: it is in none.
    std::string groupOf(design::CardId card) const;
    /// The same where the group is folded.
    std::string foldedGroupOf(design::CardId card) const;
    /// The card whose object holds that place of a document; null when none does.
    const design::Card* cardAt(quint64 manifest, std::size_t document, std::size_t offset) const;
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
    /// `Conflict`: an item of a List holds what others need; nothing of its document was removed.
    Result<Done> remove(const CardSet& cards);
    /// The name of the group, or empty when there are no cards.
    std::string group(const CardSet& cards);
    void ungroup(const CardSet& cards);
    void renameGroup(const std::string& from, const std::string& to); ///< Not to one that is there, nor to nothing.
    void fold(const std::string& group, bool isFolded);
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
    void placesChanged(); ///< Cards stand elsewhere, or groups are others.

private:
    Manifest* target();
    void follow(Manifest* manifest);
    void noteSteps();
    void replay(const design::DesignStep& step, bool isUndo);
    void placeCards();
    void setPlaces(design::Places places, bool isStep);
    void setGroups(design::Groups groups);
    void setArrangement(design::Arrangement arrangement, bool isStep);
    Result<Done> removeFrom(Manifest& manifest, const CardSet& cards, const std::string& label);
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
    design::Arrangement m_now;
    std::map<quint64, design::NamedLayout> m_remembered; ///< Read from files, and of cards that are gone.
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
