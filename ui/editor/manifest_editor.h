// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/manifest_text.h"
#include "editor/completion_popup.h"
#include "editor/manifest_checker.h"
#include "editor/yaml_view.h"
#include "manifests/completion.h"

#include <QPointer>

#include <functional>
#include <memory>

namespace keelson::ui {

/// What the editor asks to propose and explain. Called on the GUI thread, between two key strokes.
struct EditorKnowledge {
    document::Kinds kinds;
    std::shared_ptr<const manifests::Surroundings> around;
    quint64 manifest = 0; ///< Whose documents these are among the surroundings' objects.
};

/// Edits a ManifestText: every key stroke goes into the model, every change of the model shows, and undo is the
/// model's, so that text, form and canvas share one stack. Completion, explanations, findings and cures stand where
/// they belong.
class ManifestEditor : public YamlView {
    Q_OBJECT
public:
    explicit ManifestEditor(QWidget* parent = nullptr);
    ~ManifestEditor() override;

    /// The text must live as long as it is bound; null unbinds.
    void bind(document::ManifestText* text);
    document::ManifestText* manifestText() const { return m_text; }
    void setKnowledge(std::function<EditorKnowledge()> knowledge) { m_knowledge = std::move(knowledge); }
    /// Of this text; marks are made where they stand now.
    void setFindings(std::vector<Finding> findings);

    std::size_t cursor() const;
    void goTo(std::size_t offset);   ///< And takes the focus.
    void reveal(std::size_t offset); ///< The same without it.
    /// Marks all of these (offsets and lengths), such as what a search found.
    void markMatches(const std::vector<document::Span>& matches);
    void select(const document::Span& span);
    document::Span selection() const;

    void propose();
    void explainHere();
    void showCures();
    void toggleComment();
    void toggleFold(); ///< Of the lines that belong to the cursor's, or of those that it belongs to.
    void toggleFolds();
    void goToFinding(bool forward);
    CompletionPopup* popup() const { return m_popup; }
    /// The first cure of each finding on the cursor's line, for menus and tests.
    std::vector<std::pair<Finding, document::Cure>> curesHere() const;
    void carryOut(const Finding& finding, const document::Cure& cure);

public slots:
    void undo() override;
    void redo() override;
    void cut() override;
    void paste() override;

signals:
    void cursorMoved();
    void cureFailed(const keelson::Error& error);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void inputMethodEvent(QInputMethodEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Typed {
        std::size_t offset = 0;
        std::size_t length = 0;
        std::string text;
    };
    /// What happens while it lives is one step for undo.
    class UserAction;

    void note(int position, int type, const char* text, int length);
    void flush();
    void adopt(const document::TextChange& change);
    void replaceRange(std::size_t offset, std::size_t length, const std::string& text);
    bool handleKey(QKeyEvent* event);
    bool handlePopupKey(QKeyEvent* event);
    void afterTyping(const QString& typed);
    void take(const manifests::Proposal& proposal);
    QString cardAt(std::size_t offset) const;
    QPoint pointOf(std::size_t offset) const;
    std::optional<document::Span> placeOf(const Finding& finding) const;
    void redrawFindings();
    void recolourMarks();

    document::ManifestText* m_text = nullptr;
    std::shared_ptr<int> m_binding; ///< Alive while the bound text may call.
    std::function<EditorKnowledge()> m_knowledge;
    std::vector<Finding> m_findings;
    std::vector<Typed> m_typed;
    int m_actions = 0;
    bool m_isAdopting = false;
    bool m_isFlushing = false;
    std::size_t m_lastChangeEnd = 0;
    QPointer<CompletionPopup> m_popup; ///< The window owns it, since it may stand outside the editor.
    document::Span m_proposed;         ///< What the proposals would replace, within the text.
};

/// An explanation as rich text, for cards and panes.
QString explanationHtml(const manifests::Explanation& explanation);

} // namespace keelson::ui
